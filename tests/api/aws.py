"""Calls of the AWS door, signed by hand with the standard library: a second opinion beside the
program's own signer and beside Amazon's clients, and one that can be told to sign wrongly."""
import contextlib
import datetime
import hashlib
import hmac
import http.client
import json
import re
import uuid

JSON = "application/x-amz-json-1.1"
UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
ACCOUNT, REGION = "000000000000", "us-east-1"
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(secret, date, region, service, canonical):
    key = b"AWS4" + secret.encode()
    for part in (date[:8], region, service, "aws4_request"):
        key = mac(key, part)
    scope = f"{date[:8]}/{region}/{service}/aws4_request"
    return mac(key, f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{sha256(canonical.encode())}").hex()


def authorization(key, secret, date, headers, body, region=REGION, service="sagemaker", unsigned=()):
    """headers: name -> value; those in `unsigned` (lower case) are left out of the signature."""
    signed = {k.lower(): " ".join(v.split()) for k, v in headers.items()
              if k.lower() not in unsigned}
    names = ";".join(sorted(signed))
    block = "".join(f"{n}:{signed[n]}\n" for n in sorted(signed))
    canonical = f"POST\n/\n\n{block}\n{names}\n{sha256(body)}"
    return (f"AWS4-HMAC-SHA256 Credential={key}/{date[:8]}/{region}/{service}/aws4_request, "
            f"SignedHeaders={names}, Signature={signature(secret, date, region, service, canonical)}")


def stamp(minutes=0):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    return now.strftime("%Y%m%dT%H%M%SZ")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.json = json.loads(body) if body else None

    @property
    def type(self):
        return self.json.get("__type") if isinstance(self.json, dict) else None

    @property
    def message(self):
        return self.json.get("Message", "")

    def __getitem__(self, name):
        return self.json[name]


class Aws:
    """One access key at a server."""

    def __init__(self, server, client):
        k = server.local.want(201, "POST", f"/api/v1/people/{client.id}/keys", {"name": "aws"})
        self.server, self.person, self.rest = server, client.id, k["id"]
        self.key, self.secret = k["access_key_id"], k["secret_access_key"]

    def headers(self, operation, date, more=None):
        return {"Host": f"127.0.0.1:{self.server.port}", "Content-Type": JSON, "X-Amz-Date": date,
                "X-Amz-Target": "SageMaker." + operation, **(more or {})}

    def raw(self, headers, body, path="/", method="POST"):
        """Sends exactly these headers (a dict, or a list of pairs) and checks the frame of the answer."""
        c = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        c.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items() if isinstance(headers, dict) else headers:
            c.putheader(name, value)
        c.putheader("Content-Length", str(len(body)))
        with contextlib.suppress(BrokenPipeError):  # refused before all of it was sent
            c.endheaders(body)
        r = c.getresponse()
        answer = Answer(r.status, r.headers, r.read())
        c.close()
        assert UUID.match(r.headers["x-amzn-RequestId"]), r.headers
        assert r.headers["Date"]
        if answer.json is not None:
            assert r.headers["Content-Type"] == JSON, r.headers
        if answer.status != 200:
            assert set(answer.json) == {"__type", "Message"}, answer.body
            assert r.headers["x-amzn-ErrorType"] == answer.type
        return answer

    def call(self, operation, members=None, body=None, date=None, more=None, unsigned=(),
             secret=None, key=None, send=None, **scope):
        """`more`: headers to sign and send; `unsigned`: those of them that are not signed; `send`:
        headers as they are sent instead."""
        date = date or stamp()
        body = json.dumps(members or {}).encode() if body is None else body
        headers = self.headers(operation, date, more)
        value = authorization(key or self.key, secret or self.secret, date, headers, body,
                              unsigned=unsigned, **scope)
        return self.raw({**headers, "Authorization": value, **(send or {})}, body)

    def ok(self, operation, members=None, **k):
        r = self.call(operation, members, **k)
        assert r.status == 200, f"{operation} {members}: {r.status} {r.body!r}"
        return r.json

    def refused(self, type, operation, members=None, says="", status=400, **k):
        r = self.call(operation, members, **k)
        assert (r.status, r.type) == (status, type) and says in r.message, \
            f"{operation} {members}: wanted {status} {type} \"{says}\", got {r.status} {r.body!r}"
        return r.message

    def invalid(self, operation, members=None, says=""):
        return self.refused("ValidationException", operation, members, says)

    def pages(self, operation, key, size=None, **members):
        """All entries of a list, page by page; and how many pages there were."""
        out, pages, token = [], 0, None
        while True:
            r = self.ok(operation, {**members, **({"MaxResults": size} if size else {}),
                                    **({"NextToken": token} if token else {})})
            out += r[key]
            pages += 1
            token = r.get("NextToken")
            if not token:
                return out, pages
            assert len(r[key]) == (size or len(r[key])) and len(token) <= 8192


def invocation():
    return str(uuid.uuid4())


def cognito(group="g"):
    return [{"CognitoMemberDefinition": {"UserPool": "us-east-1_Ab1", "UserGroup": group,
                                         "ClientId": "c"}}]


def oidc(*groups):
    return [{"OidcMemberDefinition": {"Groups": list(groups)}}]


def job(name, team="crew", **changes):
    """A request of CreateLabelingJob. Changes by dotted path with __ for the dot; None leaves out."""
    request = {
        "LabelingJobName": name, "LabelAttributeName": "fruit",
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://bucket/in.manifest"}}},
        "OutputConfig": {"S3OutputPath": "s3://bucket/tree/"},
        "RoleArn": "arn:aws:iam::123456789012:role/r",
        "LabelCategoryConfigS3Uri": "s3://bucket/labels.json",
        "HumanTaskConfig": {
            "WorkteamArn": f"{ARN}workteam/private-crowd/{team}",
            "UiConfig": {"UiTemplateS3Uri": "s3://bucket/t.liquid"},
            "PreHumanTaskLambdaArn": "arn:aws:lambda:us-east-1:432418664414:function:PRE-TextMultiClass",
            "TaskTitle": "Which fruit?", "TaskDescription": "Say which fruit it is.",
            "NumberOfHumanWorkersPerDataObject": 3, "TaskTimeLimitInSeconds": 300,
            "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn":
                "arn:aws:lambda:us-east-1:432418664414:function:ACS-TextMultiClass"}}}
    for path, value in changes.items():
        *parents, last = path.split("__")
        at = request
        for p in parents:
            at = at.setdefault(p, {})
        if value is None:
            at.pop(last, None)
        else:
            at[last] = value
    return request
