"""The pipe of a mail server is told to come again when we cannot write down what it brought."""

from typer.testing import CliRunner

from bot.cli import app


def test_a_letter_is_kept_by_the_mail_server_while_we_cannot_start():
    told = CliRunner().invoke(
        app, ["mail", "bounced"], input="Subject: x\n\n", env={"JEOKGEUK_KIND": ""}
    )
    assert told.exit_code == 75
    assert "JEOKGEUK_KIND" in told.output
