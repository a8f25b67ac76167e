"""Settings and where each came from."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from gateconsole.cli.base import CommandError, actions_of, ignored_in, yardstick_of
from gateconsole.judgement.limits import DEFAULT_LIMITS, Limit, ReadinessLimits
from gateconsole.judgement.rules import SpikeRules
from gateconsole.settings.declarations import SETTINGS, Setting, SettingsError
from gateconsole.settings.settings import Ignored, KeyRemap, Settings, load
from gateconsole.tui.keys.actions import ACTIONS, HARMLESS


def settings(here: Path, toml: str = "", *, xdg: str = "", **said: str | bool | None) -> Settings:
    """Settings with these files, GATECONSOLE_* (upper case names) and flags (lower case names)."""
    if toml:
        (here / "gateconsole.toml").write_text(toml)
    home = here / "xdg"
    if xdg:
        (home / "gateconsole").mkdir(parents=True)
        (home / "gateconsole" / "gateconsole.toml").write_text(xdg)
    environ = {name: str(value) for name, value in said.items() if name.isupper()} | {"XDG_CONFIG_HOME": str(home)}
    return load({name: value for name, value in said.items() if name.islower()}, environ, here)


def wrong(here: Path, own: str = "", **said: str) -> str:
    """The complaint about the operator's own file, or about these variables."""
    with pytest.raises(SettingsError) as told:
        settings(here, xdg=own, **said)
    return str(told.value)


def test_without_anything_said_the_defaults_hold(tmp_path: Path) -> None:
    held = settings(tmp_path)
    defaults = {s.key: s.default for s in SETTINGS} | {"themes": tmp_path / "xdg" / "gateconsole" / "themes"}
    assert {key: value.value for key, value in held.values.items()} == defaults
    assert {value.origin for value in held.values.values()} == {"default"}


def test_a_flag_goes_before_the_environment_before_the_file_before_xdg(tmp_path: Path) -> None:
    xdg = 'theme = "x"\npoll = true\nascii = true\nmouse = false\n'
    toml = '# looks\ntheme = "t"\nascii = false\n'
    held = settings(tmp_path, toml, xdg=xdg, GATECONSOLE_THEME="e", GATECONSOLE_POLL="no", theme="f")
    here = tmp_path / "gateconsole.toml"
    assert {key: (held.values[key].value, held.values[key].origin) for key in ("theme", "poll", "ascii", "mouse")} == {
        "theme": ("f", "--theme"),
        "poll": (False, "GATECONSOLE_POLL"),
        "ascii": (False, f"{here}, line 3"),
        "mouse": (False, f"{tmp_path / 'xdg' / 'gateconsole' / 'gateconsole.toml'}, line 4"),
    }


def test_the_files_looked_for_are_remembered(tmp_path: Path) -> None:
    assert [looked.found for looked in settings(tmp_path, "bell = true").files] == [True, False]


def test_a_flag_that_says_no_goes_before_an_environment_that_says_yes(tmp_path: Path) -> None:
    held = settings(tmp_path, GATECONSOLE_POLL="1", poll=False)
    assert held.values["poll"] == (False, "--no-poll")


def test_an_empty_variable_says_nothing(tmp_path: Path) -> None:
    assert settings(tmp_path, GATECONSOLE_ROOT="").path("root") is None


def test_a_path_in_a_file_is_relative_to_the_file(tmp_path: Path) -> None:
    held = settings(tmp_path, xdg='root = "runs"')
    assert held.path("root") == tmp_path / "xdg" / "gateconsole" / "runs"


def test_a_path_in_the_environment_is_relative_to_here(tmp_path: Path) -> None:
    assert settings(tmp_path, GATECONSOLE_ROOT="runs").path("root") == tmp_path / "runs"


def test_an_unknown_key_names_file_line_and_the_key_that_was_meant(tmp_path: Path) -> None:
    text = wrong(tmp_path, '# mine\n\ntheem = "gate-dark"\n')
    file = tmp_path / "xdg" / "gateconsole" / "gateconsole.toml"
    assert text == f"{file}, line 3: no setting 'theem': did you mean theme?"


def test_a_table_is_no_setting(tmp_path: Path) -> None:
    assert "line 2: no setting 'tui': there are root, whitelist" in wrong(tmp_path, "poll = true\n[tui]\nx = 1\n")


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('poll = "yes"', "line 1: poll: expected true or false"),
        ("theme = 7", "line 1: theme: expected a text in quotes"),
        ('root = ""', "line 1: root: expected a text in quotes, not empty"),
        ("poll = maybe", "not TOML: Invalid value (at line 1, column 8)"),
        ("poll = true\npoll = false", "not TOML"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_with_its_place(tmp_path: Path, toml: str, said: str) -> None:
    assert said in wrong(tmp_path, toml)


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    (tmp_path / "gateconsole.toml").write_bytes(b'theme = "\xff"')
    assert "not TOML" in wrong(tmp_path)


def test_a_folder_in_the_file_s_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "gateconsole.toml").mkdir()
    assert "make it readable" in wrong(tmp_path)


def test_a_fifo_in_the_file_s_place_is_told_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gateconsole.toml")
    assert wrong(tmp_path).endswith("not a regular file: put a TOML file in its place or remove it")


@pytest.mark.parametrize("text", ["a = " + "[" * 9_000, "a = " + "9" * 9_000])
def test_a_file_beyond_all_measure_is_told(tmp_path: Path, text: str) -> None:
    assert "not TOML" in wrong(tmp_path, text)


def test_a_file_without_end_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "gateconsole.toml").write_bytes(b"#" * (1 << 20) + b"#")
    assert "larger than 1 MB" in wrong(tmp_path)


def test_a_home_of_nobody_is_told_with_its_place(tmp_path: Path) -> None:
    assert "line 1: root: ~ of nobody known here" in wrong(tmp_path, 'root = "~nobody-of-that-name/tree"')


def test_a_variable_of_a_flag_takes_a_few_words(tmp_path: Path) -> None:
    assert settings(tmp_path, GATECONSOLE_ASCII="ON").flag("ascii")
    assert "GATECONSOLE_ASCII: expected one of 1, true" in wrong(tmp_path, GATECONSOLE_ASCII="maybe")


def test_a_misspelled_variable_is_told_but_not_refused(tmp_path: Path) -> None:
    assert settings(tmp_path, GATECONSOLE_THEEM="x").notes == (
        "GATECONSOLE_THEEM: no such setting: did you mean theme?",
    )


def test_an_explicit_file_is_read_instead_of_both(tmp_path: Path) -> None:
    (tmp_path / "gateconsole.toml").write_text("nonsense = 1")
    (tmp_path / "mine.toml").write_text('theme = "m"')
    held = load({}, {}, tmp_path, Path("mine.toml"))
    assert held.text("theme") == "m"
    assert [looked.path for looked in held.files] == [tmp_path / "mine.toml"]


def test_an_explicit_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such settings file: mend --settings"):
        load({}, {}, tmp_path, Path("mine.toml"))


def test_the_pager_of_the_environment_goes_before_the_default_only(tmp_path: Path) -> None:
    assert settings(tmp_path, PAGER="most").values["pager"] == ("most", "PAGER")
    assert settings(tmp_path, xdg='pager = "less -R"', PAGER="most").text("pager") == "less -R"


def test_actions_can_have_other_keys_and_those_remember_where_that_was_said(tmp_path: Path) -> None:
    held = settings(tmp_path, '[keys]\ntheme = "f5"\nquit = ["q", "x"]\n', xdg='[keys]\ntheme = "f6"\ncopy = []\n')
    here = tmp_path / "gateconsole.toml"
    assert held.keys == {
        "theme": KeyRemap(("f5",), f"{here}, line 2", untrusted=True),
        "quit": KeyRemap(("q", "x"), f"{here}, line 3", untrusted=True),
        "copy": KeyRemap((), f"{tmp_path / 'xdg' / 'gateconsole' / 'gateconsole.toml'}, line 3"),
    }


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('keys = "x"', "line 1: keys: expected a table"),
        ("[keys]\ntheme = 5", "line 2: keys.theme: expected a key, or a list"),
        ('[keys]\ntheme = [""]', "line 2: keys.theme: expected a key, or a list"),
        ("[kesy]\n", "line 1: no setting 'kesy': did you mean keys?"),
    ],
)
def test_keys_that_are_none_are_told_with_their_place(tmp_path: Path, toml: str, said: str) -> None:
    assert said in wrong(tmp_path, toml)


def test_keys_are_checked_against_the_actions(tmp_path: Path) -> None:
    held = settings(tmp_path, '[keys]\ntheme = "f5"\n')
    assert next(action.keys for action in actions_of(held) if action.id == "theme") == ("f5",)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('theem = "f5"', "no such action: did you mean theme?"),
        ('theme = "q"', "is also the key of quit"),
        ('theme = "hyper+x"', "no key 'hyper+x'"),
        ('theme = "ctrl+m"', "'ctrl+m' never arrives: a terminal sends enter for it: write \"enter\""),
    ],
)
def test_keys_that_cannot_be_are_told_with_file_and_line(tmp_path: Path, line: str, said: str) -> None:
    held = settings(tmp_path, f"[keys]\n{line}\n")
    with pytest.raises(CommandError, match=f"gateconsole.toml, line 2: keys.the.*{re.escape(said)}"):
        actions_of(held)


def test_without_a_home_only_this_folder_is_looked_in(tmp_path: Path) -> None:
    assert len(load({}, {}, tmp_path).files) == 1


# the file of the current folder, which anybody may have made

HOSTILE = """\
theme = "gate-light"
on_alert = "touch owned"
pager = "touch owned"
alert_fire_at = 1000000
whitelist = "theirs.json"
ledger = "theirs.db"
actor = "root"
root = "."
themes = "."
read_only = true
poll = true
bell = true
mouse = false
ascii = true
"""


def test_the_file_of_the_current_folder_sets_looks_and_nothing_else(tmp_path: Path) -> None:
    loaded = settings(tmp_path, HOSTILE)
    here = tmp_path / "gateconsole.toml"
    changed = {key: value.value for key, value in loaded.values.items() if value.origin.startswith(str(here))}
    assert changed == {"theme": "gate-light", "bell": True, "mouse": False, "ascii": True}
    assert [one.key for one in loaded.ignored] == [
        *("on_alert", "pager", "alert_fire_at", "whitelist", "ledger", "actor", "root", "themes", "read_only", "poll")
    ]
    assert loaded.ignored[0] == Ignored("on_alert", f"{here}, line 2")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_every_setting_is_taken_from_the_own_file_and_only_looks_from_the_current_folder(
    tmp_path: Path, setting: Setting
) -> None:
    said = {
        "flag": "true",
        "count": "7",
        "share": "0.5",
        "duration": '"7m"',
        "statistic": '"median*7"',
        "zone": '"Europe/Berlin"',
    }.get(setting.kind, '"x"')
    looks = {"theme", "mouse", "ascii", "bell"}
    local = settings(tmp_path, f"{setting.key} = {said}").values[setting.key]
    assert (local.origin != "default") == (setting.key in looks)
    (tmp_path / "gateconsole.toml").unlink()
    assert settings(tmp_path, xdg=f"{setting.key} = {said}").values[setting.key].origin.endswith(", line 1")


def test_a_file_that_is_named_is_taken_whole_wherever_it_lies(tmp_path: Path) -> None:
    (tmp_path / "gateconsole.toml").write_text(HOSTILE)
    loaded = load({}, {}, tmp_path, Path("gateconsole.toml"))
    assert loaded.text("on_alert") == "touch owned"
    assert loaded.ignored == ()


def test_in_the_own_folder_the_file_is_the_own_one(tmp_path: Path) -> None:
    own = tmp_path / "gateconsole"
    own.mkdir()
    (own / "gateconsole.toml").write_text('actor = "mika"')
    loaded = load({}, {"XDG_CONFIG_HOME": str(tmp_path)}, own)
    assert (loaded.text("actor"), loaded.ignored) == ("mika", ())
    assert len(loaded.files) == 1


@pytest.mark.parametrize("variable", ["XDG_CONFIG_HOME", "HOME"])
def test_a_relative_config_folder_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / ("gateconsole" if variable == "XDG_CONFIG_HOME" else ".config/gateconsole")
    folder.mkdir(parents=True)
    (folder / "gateconsole.toml").write_text('on_alert = "touch owned"')
    loaded = load({}, {variable: "."}, tmp_path)
    assert loaded.values["on_alert"].value is None
    assert loaded.values["themes"].value is None
    assert [looked.path for looked in loaded.files] == [tmp_path / "gateconsole.toml"]


def test_a_program_of_the_own_file_that_is_a_path_does_not_hang_on_the_current_folder(tmp_path: Path) -> None:
    own = tmp_path / "xdg" / "gateconsole"
    loaded = settings(tmp_path, xdg='on_alert = "bin/page --to \'the team\'"\npager = "/usr/bin/less -R"')
    assert shlex.split(loaded.text("on_alert")) == [str(own / "bin/page"), "--to", "the team"]
    assert loaded.text("pager") == "/usr/bin/less -R"


def test_keys_of_the_current_folder_hold_for_harmless_actions_only(tmp_path: Path) -> None:
    toml = '[keys]\nqueue_report = "f6"\ndown = "f7"\nwhitelist_retire = "f8"\n'
    loaded = settings(tmp_path, toml, xdg='[keys]\nalert_adopt = "f9"\n')
    keys = {action.id: action.keys for action in actions_of(loaded)}
    assert keys["down"] == ("f7",)
    assert keys["queue_report"] == ("r",)
    assert keys["whitelist_retire"] == ("x",)
    assert keys["alert_adopt"] == ("f9",)
    assert [one.key for one in ignored_in(loaded)] == ["keys.queue_report", "keys.whitelist_retire"]


def test_every_action_that_writes_or_decides_keeps_its_keys() -> None:
    acts = {action.id for action in ACTIONS} - HARMLESS
    assert acts == {
        *("verdict", "alert_ack", "alert_snooze", "alert_adopt", "whitelist", "export", "undo"),
        *("queue_dispatch", "queue_report", "queue_base", "queue_mark", "queue_lost", "queue_withdraw", "queue_hold"),
        *("queue_land", "queue_reopen", "queue_pause", "queue_adopt", "queue_first", "queue_rename", "queue_retire"),
        *("whitelist_new", "whitelist_edit", "whitelist_retire"),
    }


# settings of judgement


def test_runs_are_judged_by_the_defaults_unless_something_is_said(tmp_path: Path) -> None:
    assert yardstick_of(settings(tmp_path)) == DEFAULT_LIMITS


def test_every_number_of_judgement_can_be_set(tmp_path: Path) -> None:
    toml = """\
spike_statistic = "median*2.5"
spike_window = 100
spike_at_least = 20
spike_floor = 0.02
alert_fire_at = 2
alert_among = 4
alert_resolve_after = 8
silence = "90m"
ready_runs = 60
ready_alarms_pinned = 0.1
ready_alarms_unpinned = 0.2
ready_alarms_without_stratum = 0.15
ready_unknown_runs = 0.05
ready_overrides = 0.02
ready_false_positives = 0.3
"""
    rules = SpikeRules("median", "2.5", 100, 20, 0.02, 2, 4, 8)
    limits = Limit(60, 0.1, 0.2, 0.15, 0.05, 0.02, 0.3)
    assert yardstick_of(settings(tmp_path, xdg=toml)) == ReadinessLimits(rules, limits, 90 * 60 * 1_000_000)


def test_the_environment_can_say_the_numbers_too(tmp_path: Path) -> None:
    found = yardstick_of(
        settings(
            tmp_path,
            GATECONSOLE_SPIKE_WINDOW="50",
            GATECONSOLE_READY_FALSE_POSITIVES=".25",
            GATECONSOLE_READY_OVERRIDES="1",
            GATECONSOLE_SILENCE="24h",
            GATECONSOLE_SPIKE_STATISTIC="median*3",
        )
    )
    assert (found.rules.window, found.rules.statistic, found.rules.factor) == (50, "median", "3")
    assert (found.limits.false_positives, found.limits.overrides) == (0.25, 1.0)
    assert found.silence == 24 * 3600 * 1_000_000


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("spike_window = 0", "spike_window: expected a whole number from 1 to 1,000,000"),
        ("spike_window = true", "spike_window: expected a whole number"),
        ("spike_window = 2.0", "spike_window: expected a whole number"),
        ('spike_window = "200"', "spike_window: expected a whole number from 1 to 1,000,000, without quotes"),
        ("spike_floor = 5", "spike_floor: expected a fraction from 0 to 1 such as 0.1"),
        ("spike_floor = nan", "spike_floor: expected a fraction"),
        ("ready_overrides = -0.1", "ready_overrides: expected a fraction"),
        ("ready_overrides = false", "ready_overrides: expected a fraction"),
        ('silence = "0m"', "silence: expected a time span such as 90s, 30m, 24h or 7d"),
        ('silence = "half an hour"', "silence: expected a time span"),
        ("silence = 30", "silence: expected a text in quotes"),
        ('naive_zone = "Middle/Earth"', "naive_zone: Middle/Earth: no such time zone here"),
        ('naive_zone = "/etc/passwd"', "naive_zone: /etc/passwd"),
        ('spike_statistic = "mean"', "spike_statistic: mean: `p95` or `median*FACTOR`"),
        ('spike_statistic = "median*0.5"', "with a factor of 1 or more was expected"),
    ],
)
def test_a_number_that_cannot_be_is_told_with_file_and_line(tmp_path: Path, line: str, said: str) -> None:
    assert re.search(rf"gateconsole\.toml, line 2: .*{re.escape(said)}", wrong(tmp_path, f"poll = true\n{line}"))


@pytest.mark.parametrize("said", ["ten", "1e3", "-5", "٣", "0x10", "1 000"])
def test_a_number_that_cannot_be_is_told_with_its_variable(tmp_path: Path, said: str) -> None:
    assert "GATECONSOLE_SPIKE_WINDOW: spike_window: expected" in wrong(tmp_path, GATECONSOLE_SPIKE_WINDOW=said)


def test_limits_that_contradict_one_another_are_told_with_both_places(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as told:
        yardstick_of(settings(tmp_path, xdg="spike_window = 20"))
    assert re.fullmatch(
        r"spike_at_least = 40 \(default\) is more than spike_window = 20 \(.*gateconsole\.toml, line 1\):"
        r" lower the one or raise the other",
        str(told.value),
    )


def test_the_actor_s_flag_is_called_as(tmp_path: Path) -> None:
    assert settings(tmp_path, actor="mika").values["actor"] == ("mika", "--as")
