"""djangorestframework-simplejwt: answers "issue" and "verify" for one algorithm and key, as Django would with these settings."""

import datetime
import json
import sys

import django
from django.conf import settings

ALG, SIGNING, VERIFYING, TOKEN_TYPE = sys.argv[1:]
settings.configure(
    SECRET_KEY="which nothing here is signed with",
    USE_TZ=True,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework_simplejwt"],
    SIMPLE_JWT={
        "ALGORITHM": ALG,
        "SIGNING_KEY": SIGNING,
        "VERIFYING_KEY": VERIFYING,
        "ACCESS_TOKEN_LIFETIME": datetime.timedelta(minutes=5),
    },
)
django.setup()

from rest_framework_simplejwt.exceptions import TokenError  # noqa: E402  (it reads the settings)
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken  # noqa: E402


def issue(user):
    token = {"access": AccessToken, "refresh": RefreshToken}[TOKEN_TYPE]()
    token["user_id"] = user
    return {"token": str(token), "claims": token.payload}


def verify(token):
    try:
        return {"user_id": AccessToken(token)["user_id"]}
    except TokenError as refused:
        return {"error": str(refused)}


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(issue(request["user"]) if request["op"] == "issue" else verify(request["token"])), flush=True)
