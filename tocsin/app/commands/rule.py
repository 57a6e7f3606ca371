"""``tocsin rule``: which rules there are, and whether their own tests hold."""

import typer

from tocsin.app.commands.base import FOUND, UNREADABLE, now, principal
from tocsin.app.commands.options import ConfigFile, NoOwnRules, Rules


def rule_list(
    *, rules: Rules = None, no_own_rules: NoOwnRules = False, config: ConfigFile = None
) -> None:
    """List the rules. Exit code 2 when one cannot be used; it is named with what is wrong."""
    from tocsin.app import service  # noqa: PLC0415 - start-up
    from tocsin.app.rendering import console  # noqa: PLC0415 - start-up
    from tocsin.app.ruling import show_rules  # noqa: PLC0415 - start-up

    pack = service.rule_list(
        config, tuple(rules or ()), own=not no_own_rules, principal=principal(), now=now()
    )
    show_rules(console(), pack)
    raise typer.Exit(UNREADABLE if pack.errors else 0)


def rule_test(
    *, rules: Rules = None, no_own_rules: NoOwnRules = False, config: ConfigFile = None
) -> None:
    """Run the tests that rules carry. Exit code 1 when one fails, 2 when a rule cannot be used."""
    from tocsin.app import service  # noqa: PLC0415 - start-up
    from tocsin.app.rendering import console  # noqa: PLC0415 - start-up
    from tocsin.app.ruling import show_tests  # noqa: PLC0415 - start-up

    tested = service.rule_test(
        config, tuple(rules or ()), own=not no_own_rules, principal=principal(), now=now()
    )
    show_tests(console(), tested)
    if tested.errors:
        raise typer.Exit(UNREADABLE)
    raise typer.Exit(FOUND if tested.failures else 0)
