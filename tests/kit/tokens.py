"""The people of the story with a token each, so that programs can be them.

python -m kit.tokens     with the room's settings in the environment; fills an empty room and prints the tokens by name, as JSON
"""

import json
import os
import sys


def put() -> dict[str, str]:
    """Fill the room; a token with all scopes for everybody."""
    from django.test import override_settings

    from kit import story
    from tocsin.ops.alliance.access import actor_for
    from tocsin.ops.common import tokens
    from tocsin.ops.common.models import User

    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):  # set, and never asked for
        story.put()
    made = {}
    for user in User.objects.all():
        name = user.email.partition("@")[0]
        made[name] = tokens.make_token(actor_for(user).label, user, name="story", scopes=list(tokens.SCOPES))[1]
    return made


if __name__ == "__main__":
    from tocsin.ops.config.server import prepare

    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.ops.config.settings"
    prepare(lambda said: sys.stderr.write(said + "\n"))
    from django.db import transaction

    with transaction.atomic():
        people = put()
    print(json.dumps(people))
