"""Signed in at once: for tests that are about something else, and would wait a second for the device flow."""
import hashlib
import json
import time


def take_over(home, session="corp", user=None):
    """As after 'aws sso login' of that user, and 'iamic import --wipe'. Nothing of it can be renewed."""
    token = {"startUrl": home.practice.start_url, "region": home.practice.region,
             "accessToken": home.practice.token(user=user),
             "expiresAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))}
    home.write(f".aws/sso/cache/{hashlib.sha1(session.encode()).hexdigest()}.json", json.dumps(token))
    result = home.iamic("import", session, "--wipe")
    assert result.status == 0, result
