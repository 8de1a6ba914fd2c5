#!/usr/bin/env python3
"""Where the bucket client finds endpoint, region and credentials: what was said, the environment, the
files of AWS's tools, a container's service, an instance's."""
import os
import subprocess
import sys

from harness import PLUMBLINE, Skip, environment, folder, good, refused, run
from faulty import KEY, SECRET, Faulty

LONG = "IQoJb3JpZ2luX2VjE" + "x/+=" * 400  # as long as session tokens are


def write(directory, credentials="", config=""):
    """The two files; the environment that names them."""
    paths = {"AWS_SHARED_CREDENTIALS_FILE": credentials, "AWS_CONFIG_FILE": config}
    env = {}
    for name, text in paths.items():
        env[name] = os.path.join(directory, name)
        open(env[name], "w").write(text)
    return env


def key_used(server):
    return server.log[-1][2]["Authorization"].split("Credential=")[1].split("/")[0]


def read(server, env, words=()):
    return good([*words, "read", "s3://bkt/x"], env)


class Served(Faulty):
    def __init__(self):
        super().__init__()
        self.objects["bkt", "x"] = b"hello"
        for name in ("SAID", "ENV", "FILE", "CONFIG", "OTHER"):
            self.keys[name] = (SECRET, None)
        self.keys["LONG"] = (SECRET, LONG)


def profile(key, more=""):
    return f"aws_access_key_id = {key}\naws_secret_access_key = {SECRET}\n{more}"


def test_order():
    """What was said goes before the environment, that before the profile, that before the services"""
    with Served() as s, folder() as d:
        env = write(d, f"[default]\n{profile('FILE')}", f"[default]\n{profile('CONFIG')}")
        env["AWS_ENDPOINT_URL_S3"] = s.endpoint
        own = {"AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": SECRET}
        read(s, {**env, **own}, ["--id", "SAID", "--secret", SECRET])
        assert key_used(s) == "SAID"
        read(s, {**env, **own})
        assert key_used(s) == "ENV"
        read(s, {**env, **own, "AWS_PROFILE": "default"})
        assert key_used(s) == "ENV"
        read(s, env)
        assert key_used(s) == "FILE"
        open(env["AWS_SHARED_CREDENTIALS_FILE"], "w").write("")
        read(s, env)
        assert key_used(s) == "CONFIG"


def test_profiles():
    """Profiles by name, with tokens of any length, comments, blanks and nested settings"""
    with Served() as s, folder() as d:
        env = write(d, f"""# a comment
[default]
{profile('OTHER')}
[long]
 ; another = one
{profile('LONG', f'aws_session_token={LONG}  # of today')}
""", f"""[default]
region = nowhere-1
[profile "two words"]
region = us-east-1
services = mine
{profile('CONFIG')}
s3 =
    addressing_style = path
    max_concurrent_requests = 3
[profile long]
region = us-east-1
endpoint_url = {s.endpoint}
[profile bad-style]
s3 =
  addressing_style = sideways
[services other]
s3 =
    endpoint_url = http://127.0.0.1:1
[services mine]
sagemaker =
    endpoint_url = http://127.0.0.1:1
s3 =
    endpoint_url = {s.endpoint}
""")
        read(s, {**env, "AWS_PROFILE": "long"})
        assert key_used(s) == "LONG"
        r = read(s, env, ["--profile", "two words"])
        assert key_used(s) == "CONFIG" and r.numbers["requests"] == 1
        r = read(s, {**env, "AWS_ENDPOINT_URL_S3": s.endpoint})
        assert key_used(s) == "OTHER" and r.numbers["requests"] == 2  # nowhere-1 was corrected
        r = refused("s3.config", ["describe"], {**env, "AWS_PROFILE": "missing"})
        assert "missing" in r.err and env["AWS_CONFIG_FILE"][:40] in r.err, r.err
        r = refused("s3.config", ["describe"], {**env, "AWS_PROFILE": "bad-style"})
        assert "sideways" in r.err, r.err


def test_home():
    """Without variables the files are those of ~/.aws; none at all is no error"""
    with Served() as s, folder() as d:
        good(["describe"], {"HOME": d})
        os.mkdir(os.path.join(d, ".aws"))
        open(os.path.join(d, ".aws", "credentials"), "w").write(f"[default]\n{profile('FILE')}")
        read(s, {"HOME": d, "AWS_ENDPOINT_URL_S3": s.endpoint})
        assert key_used(s) == "FILE"
        r = good(["describe"], {"HOME": d, "AWS_ENDPOINT_URL_S3": s.endpoint})
        assert r.out.decode().strip() == \
            f'{s.endpoint} (us-east-1), credentials from the profile "default"', r.out


def test_bad_files():
    """A line that is none, half a key, a wrong region, number or address are named"""
    with folder() as d:
        env = write(d, "[default]\nregion = x\nnonsense\n")
        r = refused("s3.config", ["describe"], env)
        assert "line 3" in r.err, r.err
        env = write(d, "key = before any section\n")
        assert "line 1" in refused("s3.config", ["describe"], env).err
        env = write(d, "[default]\naws_access_key_id = A\n")
        assert "both" in refused("s3.config", ["describe"], env).err
        env = write(d)
        for name, value in (("AWS_REGION", "a/b"), ("AWS_MAX_ATTEMPTS", "many"),
                            ("AWS_ENDPOINT_URL_S3", "127.0.0.1:99/?x"),
                            ("AWS_ENDPOINT_URL_S3", "ftp://h"), ("AWS_CA_BUNDLE", "/no/such/file"),
                            ("AWS_ENDPOINT_URL", "http://user@h"), ("AWS_ACCESS_KEY_ID", "half")):
            r = refused("s3.config", ["describe"], {**env, name: value})
            assert value in r.err or name in r.err, (name, r.err)


def test_refused_ways():
    """Ways to credentials that there are not here are named, not passed over"""
    with folder() as d, Served() as s:
        for line in ("sso_session = mine", "sso_start_url = https://x", "role_arn = arn:aws:iam::1:role/r",
                     "web_identity_token_file = /x", "source_profile = default"):
            env = write(d, f"[default]\n{profile('FILE')}", f"[default]\n{line}\n")
            good(["describe"], env)  # not before they are needed
            r = refused("s3.config", ["read", "s3://bkt/x"],
                        {**env, "AWS_ENDPOINT_URL_S3": s.endpoint})
            assert line.split(" ")[0] in r.err, r.err
        process = "credential_process = /bin/false\n"
        env = write(d, "", f"[default]\n{process}{profile('CONFIG')}")
        r = refused("s3.config", ["read", "s3://bkt/x"], env)
        assert "credential_process" in r.err, r.err
        env = write(d, f"[default]\n{profile('FILE')}", f"[default]\n{process}")
        read(s, {**env, "AWS_ENDPOINT_URL_S3": s.endpoint})
        assert key_used(s) == "FILE"
        r = refused("s3.config", ["read", "s3://bkt/x"],
                    {"AWS_WEB_IDENTITY_TOKEN_FILE": "/x", "AWS_ROLE_ARN": "arn"})
        assert "AWS_WEB_IDENTITY_TOKEN_FILE" in r.err, r.err
        r = refused("s3.config", ["read", "s3://bkt/x"])
        assert "AWS_EC2_METADATA_DISABLED" in r.err, r.err


def test_endpoints():
    """The endpoint: said, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, services, profile, AWS's"""
    with folder() as d:
        env = write(d, "", "[default]\nregion = eu-west-3\nendpoint_url = http://profile\n"
                           "services = s\n[services s]\ns3 =\n  endpoint_url = http://services\n")
        one, two = {"AWS_ENDPOINT_URL_S3": "http://one"}, {"AWS_ENDPOINT_URL": "http://two"}

        def where(more=None, words=()):
            return good([*words, "describe"], {**env, **(more or {})}).out.decode().split(",")[0]
        assert where({**one, **two}, ["--endpoint", "http://said/"]) == "http://said (eu-west-3)"
        assert where({**one, **two}) == "http://one (eu-west-3)"
        assert where(two) == "http://two (eu-west-3)"
        assert where() == "http://services (eu-west-3)"
        assert where({**one, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}) == "AWS (eu-west-3)"
        assert where({"AWS_REGION": "r-1", "AWS_DEFAULT_REGION": "r-2"}) == "http://services (r-1)"
        assert where({"AWS_DEFAULT_REGION": "r-2"}) == "http://services (r-2)"
        assert where({"AWS_DEFAULT_REGION": "r-2"}, ["--region", "r-3"]).endswith("(r-3)")


def test_token():
    """A session token of the environment is signed, and goes into links"""
    with Served() as s:
        s.keys[KEY] = (SECRET, LONG)
        env = {**s.environment, "AWS_SESSION_TOKEN": LONG}
        read(s, env)
        assert s.log[-1][2]["x-amz-security-token"] == LONG and not s.refusals, s.refusals
        link = good(["presign", "s3://bkt/x", 60], env).out.decode()
        assert "X-Amz-Security-Token=IQoJ" in link and "x%2F%2B%3D" in link, link
        refused("s3.refused", ["read", "s3://bkt/x"], {**env, "AWS_SESSION_TOKEN": None})
        # a token that stands elsewhere is not mixed with keys that were said
        refused("s3.refused", ["--id", KEY, "--secret", SECRET, "read", "s3://bkt/x"], env)


def test_instance():
    """The instance's service: version 2, asked once, and again when keys are about to end"""
    with Served() as s:
        env = {"AWS_ENDPOINT_URL_S3": s.endpoint, "AWS_EC2_METADATA_SERVICE_ENDPOINT": s.endpoint + "/",
               "AWS_EC2_METADATA_DISABLED": None, "http_proxy": "http://127.0.0.1:1",
               "NO_PROXY": "127.0.0.1"}
        read(s, env, ["--repeat", 20])
        assert key_used(s) == "ASIAROLE1" and s.given == 1, s.given
        asked = [(m, p) for m, p, _ in s.log if p.startswith("/latest/")]
        assert asked == [("PUT", "/latest/api/token"),
                         ("GET", "/latest/meta-data/iam/security-credentials/"),
                         ("GET", "/latest/meta-data/iam/security-credentials/the-role")], asked
        s.lives = 300  # less than is left when others are fetched
        read(s, env, ["--repeat", 5])
        assert s.given >= 5, s.given
        s.lives = 3600
        s.fault(s.fail(403, "ExpiredToken", "gone"), part="/bkt/x")
        before = s.given
        read(s, env)
        assert s.given == before + 2, (before, s.given)
        good(["puts", "s3://bkt/p/", 200], env)
        assert s.given == before + 3, (before, s.given)  # one for all
        r = refused("s3.no_credentials", ["read", "s3://bkt/x"],
                    {**env, "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"})
        assert "127.0.0.1:1" in r.err, r.err
        refused("s3.config", ["read", "s3://bkt/x"],
                {**env, "AWS_EC2_METADATA_DISABLED": "true"})


def test_container():
    """The container's service, with its token, and only where that may be sent"""
    with Served() as s, folder() as d:
        env = {"AWS_ENDPOINT_URL_S3": s.endpoint,
               "AWS_CONTAINER_CREDENTIALS_FULL_URI": s.endpoint + "/credentials?a=b"}
        read(s, env)
        assert key_used(s) == "ASIAROLE1"
        s.container_token = "Basic abc"
        refused("s3.no_credentials", ["read", "s3://bkt/x"], env)
        read(s, {**env, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Basic abc"})
        path = os.path.join(d, "token")
        open(path, "w").write("Basic abc\n")
        read(s, {**env, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "another",
                 "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": path})
        r = refused("s3.no_credentials", ["read", "s3://bkt/x"],
                    {**env, "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://elsewhere.example/"})
        assert "https" in r.err, r.err
        s.credentials = lambda: '{"AccessKeyId": "x"}'
        refused("s3.no_credentials", ["read", "s3://bkt/x"],
                {**env, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Basic abc"})


def test_certificates():
    """A certificate of nobody known is refused at once, until AWS_CA_BUNDLE or ca_bundle names it"""
    with folder() as d:
        pem = os.path.join(d, "pem")
        try:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                            "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                            "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", pem,
                            "-out", pem + ".crt"], capture_output=True, check=True)
        except FileNotFoundError:
            raise Skip("openssl is not installed") from None
        with open(pem, "a") as both:
            both.write(open(pem + ".crt").read())
        with Faulty(pem) as s:
            s.objects["bkt", "x"] = b"hello"
            r = refused("s3.unreachable", ["read", "s3://bkt/x"], s.environment)
            assert r.numbers["requests"] == 1 and "ertificate" in r.err, r.err
            env = {**s.environment, "AWS_CA_BUNDLE": pem + ".crt"}
            assert read(s, env).out == b"hello"
            good(["puts", "s3://bkt/p/", 50], env)
            files = write(d, "", f"[default]\nca_bundle = {pem}.crt\n")
            assert read(s, {**s.environment, **files}).out == b"hello"


def test_serve_flags():
    """The program refuses what is wrong at its start, and reads a secret from a file only"""
    with folder() as d:
        secret, empty = os.path.join(d, "secret"), os.path.join(d, "empty")
        open(secret, "w").write(SECRET + "\n")
        open(empty, "w").write("\n")

        def work(words, env=None):
            p = subprocess.run([PLUMBLINE, "work", "--data", os.path.join(d, "data"), "--until-idle",
                                *words], capture_output=True, text=True, env=environment(env),
                               timeout=120)
            return p.returncode, p.stderr
        for words, said in ((["--aws-account", "12345"], "12 digits"),
                            (["--aws-region", "EU Central"], "eu-central-1"),
                            (["--s3-style", "odd"], "--s3-style"),
                            (["--s3-browser", "odd"], "--s3-browser"),
                            (["--s3-cache", "12"], "--s3-cache"),
                            (["--s3-endpoint", "h"], "--s3-endpoint"),
                            (["--s3-profile", "missing"], "missing"),
                            (["--s3-access-key-id", "A"], "without the other"),
                            (["--s3-secret-access-key-file", empty], "secret"),
                            (["--s3-secret-access-key", SECRET], "no flag")):
            status, err = work(words)
            assert status != 0 and said in err and SECRET not in err, (words, status, err)
        status, err = work(["--s3-access-key-id", "A", "--s3-secret-access-key-file", secret,
                            "--aws-account", "123456789012", "--aws-region", "eu-central-1",
                            "--s3-endpoint", "http://127.0.0.1:1", "--s3-cache", "20M"])
        assert status == 0, err
        status, err = work([], {"PLUMBLINE_S3_ACCESS_KEY_ID": "A",
                                "PLUMBLINE_S3_SECRET_ACCESS_KEY": SECRET})
        assert status == 0, err
        # What merely stands in the environment keeps nobody from work who uses no bucket.
        for env in ({"AWS_PROFILE": "missing"}, {"AWS_ACCESS_KEY_ID": "A"}, {"AWS_REGION": "EU Central"}):
            status, err = work([], env)
            assert status == 0 and "buckets cannot be used" in err, (env, status, err)


def test_own_address():
    """AWS_ENDPOINT_URL that means this service, for clients of the AWS door, is no storage"""
    one = {"AWS_ENDPOINT_URL": "http://localhost:8080"}

    def where(words=(), env=one):
        return good([*words, "describe"], env).out.decode().split(" ")[0]
    assert where() == "http://localhost:8080"
    assert where(["--own", "http://127.0.0.1:8080"]) == "AWS"
    assert where(["--own", "http://127.0.0.1:8081"]) == "http://localhost:8080"
    assert where(["--own", "http://127.0.0.1:8080"],
                 {**one, "AWS_ENDPOINT_URL_S3": "http://localhost:8189"}) == "http://localhost:8189"


if __name__ == "__main__":
    sys.exit(run(globals()))
