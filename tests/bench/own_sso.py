"""The AWS CLI's own SSO provider, and static keys, set up so that they can be compared with iamic.

The CLI has no option for the portal's address. It is led to the practice server by a proxy of ours, whose
certificate has the real name.
"""
import hashlib
import json
import shutil
import socket
import threading


def write_profiles(home, account, role):
    """own-fetch and own-cached are the same to the CLI; whether it finds keys in its cache makes the difference."""
    own = "".join(f"\n[profile {name}]\nsso_start_url = {home.practice.start_url}\n"
                  f"sso_region = {home.practice.region}\nsso_account_id = {account}\nsso_role_name = {role}\n"
                  f"region = us-east-1\n" for name in ("own-fetch", "own-cached"))
    with open(home.aws_config, "a") as config:
        config.write(f"\n[profile static]\nregion = us-east-1\n{own}")
    token = {"startUrl": home.practice.start_url, "region": home.practice.region,
             "accessToken": home.practice.token(), "expiresAt": "2099-01-01T00:00:00Z"}
    home.write(f".aws/sso/cache/{digest(home.practice.start_url)}.json", json.dumps(token))


def static_keys(document):
    return (f"[static]\naws_access_key_id = {document['AccessKeyId']}\n"
            f"aws_secret_access_key = {document['SecretAccessKey']}\naws_session_token = {document['SessionToken']}\n")


def fill_cache(home, document, account, role):
    """The CLI's cache with these role credentials in it, or without any."""
    key = {"accountId": account, "roleName": role, "startUrl": home.practice.start_url}
    name = f".aws/cli/cache/{digest(json.dumps(key, sort_keys=True, separators=(',', ':')))}.json"
    if document is None:
        (home.path / name).unlink(missing_ok=True)
        return
    fields = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
    home.write(name, json.dumps({"ProviderType": "sso", "Credentials": {field: document[field] for field in fields}}))


def remove(home):
    """What the CLI keeps in clear text, and a home with iamic must not hold at its end."""
    (home.path / ".aws/credentials").unlink()
    for name in ("cli", "sso"):
        shutil.rmtree(home.path / ".aws" / name)


def digest(text):
    return hashlib.sha1(text.encode()).hexdigest()


def through_proxy(practice):
    """Variables that lead any name but localhost to the practice server."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, args=(listener, practice.port), daemon=True).start()
    return {"HTTPS_PROXY": f"http://127.0.0.1:{listener.getsockname()[1]}", "NO_PROXY": "localhost"}


def accept(listener, port):
    while True:
        threading.Thread(target=tunnel, args=(listener.accept()[0], port), daemon=True).start()


def tunnel(client, port):
    """One CONNECT: whatever name it asks for is the practice server."""
    with client, socket.create_connection(("127.0.0.1", port)) as server:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = client.recv(1)
            if not byte:
                return
            head += byte
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        back = threading.Thread(target=copy, args=(server, client), daemon=True)
        back.start()
        copy(client, server)
        back.join()


def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
