#!/usr/bin/env python3
"""Existing scripts against Plumbline: a bucket, pictures and texts, a work team and jobs by boto3, answers
by REST, a loop until Completed, the output tree read back with `aws s3`."""
import json
import random
import re

import aws_clients
from aws_clients import lines, parse, png, request

aws_clients.use_debian()

import harness

BUCKET = "orchard-test"
FRUITS = ["apple", "pear", "quince"]
world = None
shared = {}

TEMPLATE = """<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <crowd-%(element)s name="crowd-%(element)s" header="Choose the fruit"
    categories="{{ task.input.labels | to_json | escape }}" %(more)s>
    %(target)s
    <full-instructions header="How to choose">
      <p>Look at the <strong>whole</strong> thing.</p><ul><li>Green is a pear.</li></ul>
    </full-instructions>
    <short-instructions>Choose <em>one</em> fruit.</short-instructions>
  </crowd-%(element)s>
</crowd-form>
"""


def test_a_bucket_is_filled_by_boto3():
    global world
    world = aws_clients.World(aws_clients.storage())
    world.s3.create_bucket(Bucket=BUCKET)
    pictures = [{"source-ref": world.put(BUCKET, f"img/{i:03}.png", png(i), "image/png"),
                 "plot": f"A{i}", "note": "åß 🍐"} for i in range(12)]
    shared["images"] = world.put(BUCKET, "in/images.manifest", lines(pictures))
    shared["pictures"] = pictures
    texts = [{"source": f"{FRUITS[i % 3]} number {i}, très mûr 🍏", "id": f"t{i}"}
             for i in range(15)]
    shared["texts"] = world.put(BUCKET, "in/texts.manifest", lines(texts))
    shared["categories"] = world.put(BUCKET, "in/categories.json", json.dumps(
        {"document-version": "2018-11-28", "labels": [{"label": f} for f in FRUITS]}).encode())
    shared["image template"] = world.put(BUCKET, "in/image.liquid.html", (TEMPLATE % {
        "element": "image-classifier", "target": "",
        "more": 'src="{{ task.input.taskObject | grant_read_access }}"'}).encode())
    shared["text template"] = world.put(BUCKET, "in/text.liquid.html", (TEMPLATE % {
        "element": "classifier", "more": "",
        "target": "<classification-target>{{ task.input.taskObject }}</classification-target>",
    }).encode())
    shared["people"] = [world.server.person(f"picker{i}") for i in range(3)]
    shared["team"] = world.team("pickers", shared["people"])


def message(i):
    """A text of one of two kinds, by words that are mostly its own."""
    dice, own = random.Random(i), "spam" if i % 2 else "ham"
    return " ".join(dice.choice([f"{own}ly{dice.randrange(20)}", f"{own}er{dice.randrange(12)}",
                                 f"word{dice.randrange(60)}"]) for _ in range(14))


def need_world():
    aws_clients.needed(world)


def check_tree(name, n, workers):
    """Every file of the tree is there, parses, and agrees with the manifest."""
    tree = world.tree(f"s3://{BUCKET}/out/{name}/")
    manifest = parse(tree["manifests/output/output.manifest"])
    assert len(manifest) == n, len(manifest)
    responses = [p for p in tree if p.startswith("annotations/worker-response/iteration-1/")]
    assert len(responses) == n, sorted(tree)
    for p in responses:
        assert re.fullmatch(r"annotations/worker-response/iteration-1/\d+/"
                            r"\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d\.json", p), p
        answers = json.loads(tree[p])["answers"]
        assert len(answers) == workers, p
        for a in answers:
            assert re.fullmatch(r"private\.us-east-1\.[0-9a-f]{16}", a["workerId"]), a
            assert list(a["answerContent"].values())[0]["label"] in FRUITS, a
    part = "annotations/consolidated-annotation/consolidation-"
    asked = [o for p in tree if p.startswith(part + "request/iteration-1/")
             for o in json.loads(tree[p])]
    told = [o for p in tree if p.startswith(part + "response/iteration-1/")
            for o in json.loads(tree[p])]
    assert {o["datasetObjectId"] for o in asked} == {str(i) for i in range(n)}
    assert {o["datasetObjectId"] for o in told} == {str(i) for i in range(n)}
    assert len(parse(tree["annotations/intermediate/1/annotations.json"])) == n
    return manifest


def test_an_image_job_by_boto3_is_labelled_and_its_tree_read_by_the_cli():
    need_world()
    arn = world.sm.create_labeling_job(**request(
        "Fruit-1", "ImageMultiClass", shared["images"], f"s3://{BUCKET}/out/", shared["team"],
        shared["categories"], shared["image template"], attribute="fruit",
        NumberOfHumanWorkersPerDataObject=3))["LabelingJobArn"]
    assert arn == "arn:aws:sagemaker:us-east-1:123456789012:labeling-job/fruit-1", arn
    world.running("Fruit-1")
    job = world.lead.want(200, "GET", "/api/v1/jobs/Fruit-1").json
    assert job["title"] == "Which fruit is it?" and job["annotators_per_item"] == 3, job
    assert [l["name"] for l in job["labels"]] == FRUITS, job["labels"]
    assert "Look closely & choose one." in job["description"], job
    assert "**whole**" in job["instructions"] and "Green is a pear." in job["instructions"], job
    world.label_all(shared["people"], "Fruit-1", lambda t: FRUITS[t["line"] % 3])
    d = world.ended("Fruit-1")
    assert d["LabelingJobStatus"] == "Completed", d
    assert d["LabelCounters"] == {"TotalLabeled": 12, "HumanLabeled": 12, "MachineLabeled": 0,
                                  "FailedNonRetryableError": 0, "Unlabeled": 0}, d
    uri = d["LabelingJobOutput"]["OutputDatasetS3Uri"]
    assert uri == f"s3://{BUCKET}/out/Fruit-1/manifests/output/output.manifest", uri
    for i, line in enumerate(check_tree("Fruit-1", 12, 3)):
        meta = line["fruit-metadata"]
        assert line["fruit"] == i % 3 and meta["class-name"] == FRUITS[i % 3], line
        assert meta["type"] == "groundtruth/image-classification", line
        assert meta["job-name"] == "labeling-job/Fruit-1" and meta["human-annotated"] == "yes", line
        assert meta["confidence"] > 0.5, line
        assert {k: line[k] for k in ("source-ref", "plot", "note")} == shared["pictures"][i], line
        assert list(line)[:3] == ["source-ref", "plot", "note"], line


def test_people_see_the_picture_of_the_bucket():
    need_world()
    item = harness.items(world.lead, "Fruit-1")[3]
    r = world.lead.want(200, "GET", f"/api/v1/items/{item['id']}/media")
    assert r.body == png(3) and r.headers["Content-Type"] == "image/png", r.headers
    world.lead.want(200, "GET", f"/api/v1/items/{item['id']}/preview?size=160")


def test_a_text_job_by_the_cli():
    need_world()
    world.aws("sagemaker", "create-labeling-job", "--cli-input-json", json.dumps(request(
        "words", "TextMultiClass", shared["texts"], f"s3://{BUCKET}/out", shared["team"],
        shared["categories"], shared["text template"])))
    world.running("words")
    world.label_all(shared["people"], "words", lambda t: t["source"].split()[0])
    d = json.loads(world.aws("sagemaker", "describe-labeling-job", "--labeling-job-name", "words"))
    assert world.ended("words")["LabelingJobStatus"] == "Completed", d
    for i, line in enumerate(check_tree("words", 15, 1)):
        assert line["words-metadata"]["class-name"] == FRUITS[i % 3], line
        assert line["words-metadata"]["confidence"] == 0, line
        assert line["words-metadata"]["type"] == "groundtruth/text-classification", line


def test_chaining_labels_what_has_no_label_and_keeps_the_rest():
    need_world()
    manifest = parse(world.get(f"s3://{BUCKET}/out/words/manifests/output/output.manifest"))
    del manifest[4]["words"]
    manifest.append({"source": "quince number 15"})
    uri = world.put(BUCKET, "in/chained.manifest", lines(manifest))
    world.sm.create_labeling_job(**request(
        "words-again", "TextMultiClass", uri, f"s3://{BUCKET}/out", shared["team"],
        shared["categories"], shared["text template"], attribute="words"))
    world.running("words-again")
    seen = []
    world.label_all(shared["people"], "words-again",
                    lambda t: seen.append(t["line"]) or t["source"].split()[0])
    d = world.ended("words-again")
    assert d["LabelCounters"]["HumanLabeled"] == 2 and sorted(seen) == [4, 15], (d, seen)
    out = parse(world.get(d["LabelingJobOutput"]["OutputDatasetS3Uri"]))
    assert [l["words-metadata"]["job-name"] for l in out] == \
        ["labeling-job/words"] * 4 + ["labeling-job/words-again"] + \
        ["labeling-job/words"] * 10 + ["labeling-job/words-again"], out
    kept = [l for i, l in enumerate(out) if i not in (4, 15)]
    assert kept == [l for i, l in enumerate(manifest) if i not in (4, 15)]


def test_a_manifest_without_open_lines_completes_at_once():
    need_world()
    world.sm.create_labeling_job(**request(
        "words-kept", "TextMultiClass", f"s3://{BUCKET}/out/words/manifests/output/output.manifest",
        f"s3://{BUCKET}/out", shared["team"], shared["categories"], shared["text template"],
        attribute="words"))
    d = world.ended("words-kept")
    assert d["LabelingJobStatus"] == "Completed", d
    assert d["LabelCounters"]["TotalLabeled"] == 0, d
    assert world.get(d["LabelingJobOutput"]["OutputDatasetS3Uri"]) == \
        world.get(f"s3://{BUCKET}/out/words/manifests/output/output.manifest")


def test_a_clone_from_what_describe_says():
    need_world()
    d = world.sm.describe_labeling_job(LabelingJobName="words")
    again = {k: d[k] for k in ("InputConfig", "OutputConfig", "RoleArn", "LabelCategoryConfigS3Uri",
                               "HumanTaskConfig", "Tags")}
    world.sm.create_labeling_job(LabelingJobName="words-clone", LabelAttributeName="other", **again)
    world.running("words-clone")
    assert world.lead.get("/api/v1/jobs/words-clone")["counts"]["waiting"] + \
        world.lead.get("/api/v1/jobs/words-clone")["counts"]["open"] == 15


def test_stop_keeps_what_there_is():
    need_world()
    person = shared["people"][0]
    for task in harness.leased(person, "words-clone", 2):
        harness.answer(person, "words-clone", task, "pear")
    world.sm.stop_labeling_job(LabelingJobName="words-clone")
    d = world.ended("words-clone")
    assert d["LabelingJobStatus"] == "Stopped", d
    assert d["LabelCounters"]["HumanLabeled"] == 2 and d["LabelCounters"]["Unlabeled"] == 13, d
    out = parse(world.get(d["LabelingJobOutput"]["OutputDatasetS3Uri"]))
    assert sum("other" in l for l in out) == 2 and len(out) == 15, out


def test_a_stopping_condition_stops_it():
    need_world()
    r = request("words-few", "TextMultiClass", shared["texts"], f"s3://{BUCKET}/out",
                shared["team"], shared["categories"], shared["text template"])
    world.sm.create_labeling_job(StoppingConditions={"MaxHumanLabeledObjectCount": 4}, **r)
    world.running("words-few")
    world.label_all(shared["people"], "words-few", lambda t: "pear")
    d = world.ended("words-few")
    assert d["LabelingJobStatus"] == "Stopped" and d["LabelCounters"]["HumanLabeled"] == 4, d


def test_a_job_made_by_rest_is_seen_by_the_cli_and_the_other_way_round():
    need_world()
    job = world.lead.want(201, "POST", "/api/v1/jobs", {
        "name": "by-rest", "type": "text-classification", "labels": [{"name": f} for f in FRUITS],
        "output": f"s3://{BUCKET}/rest/"})["id"]
    imp = world.lead.want(202, "POST", f"/api/v1/jobs/{job}/imports",
                          {"source": shared["texts"]})["id"]
    assert harness.import_done(world.lead, job, imp)["added"] == 15
    d = json.loads(world.aws("sagemaker", "describe-labeling-job", "--labeling-job-name", "by-rest"))
    assert d["LabelingJobStatus"] == "Initializing", d
    assert d["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"] == shared["texts"], d
    world.lead.want(200, "POST", f"/api/v1/jobs/{job}/start")
    world.label_all(shared["people"], job, lambda t: t["source"].split()[0])
    d = world.ended("by-rest")
    assert d["OutputConfig"]["S3OutputPath"] == f"s3://{BUCKET}/rest/", d
    assert len(parse(world.get(d["LabelingJobOutput"]["OutputDatasetS3Uri"]))) == 15
    listed = world.sm.get_paginator("list_labeling_jobs").paginate(
        PaginationConfig={"PageSize": 2}, SortBy="Name", SortOrder="Ascending")
    names = [s["LabelingJobName"] for page in listed for s in page["LabelingJobSummaryList"]]
    assert names == sorted(names, key=str.lower) and "by-rest" in names and "Fruit-1" in names, names
    view = world.lead.get("/api/v1/jobs/Fruit-1").json
    assert view["state"] == "completed" and view["output"]["state"] == "done", view


def test_trouble_with_the_input_fails_the_job_with_a_reason():
    need_world()
    twice = world.put(BUCKET, "in/twice.json", json.dumps(
        {"labels": [{"label": "a"}, {"label": "a"}]}).encode())
    bad = [("no-manifest", {"manifest": f"s3://{BUCKET}/in/none.manifest"}, "none.manifest"),
           ("no-bucket", {"manifest": "s3://there-is-no-such-bucket/x.manifest"}, "no-such-bucket"),
           ("no-categories", {"categories": f"s3://{BUCKET}/in/none.json"}, "none.json"),
           ("no-template", {"template": f"s3://{BUCKET}/in/none.html"}, "none.html"),
           ("twice", {"categories": twice}, "twice.json")]
    for name, change, said in bad:
        given = {"manifest": shared["texts"], "categories": shared["categories"],
                 "template": shared["text template"], **change}
        world.sm.create_labeling_job(**request(
            name, "TextMultiClass", given["manifest"], f"s3://{BUCKET}/out", shared["team"],
            given["categories"], given["template"]))
        d = world.ended(name)
        assert d["LabelingJobStatus"] == "Failed" and said in d["FailureReason"], (name, d)


def test_an_item_whose_picture_is_not_there_fails_by_itself():
    need_world()
    broken = world.put(BUCKET, "img/broken.png", png(1)[:60])
    uri = world.put(BUCKET, "in/holes.manifest", lines(
        [shared["pictures"][0], {"source-ref": f"s3://{BUCKET}/img/none.png"},
         {"source-ref": broken}, shared["pictures"][1]]))
    world.sm.create_labeling_job(**request(
        "holes", "ImageMultiClass", uri, f"s3://{BUCKET}/out", shared["team"],
        shared["categories"], shared["image template"]))
    world.running("holes")
    harness.wait(lambda: world.lead.get("/api/v1/jobs/holes")["counts"]["failed"] == 2, 30)
    world.label_all(shared["people"], "holes", lambda t: "pear")
    d = world.ended("holes")
    assert d["LabelingJobStatus"] == "Completed", d
    assert d["LabelCounters"]["FailedNonRetryableError"] == 2, d
    out = parse(world.get(d["LabelingJobOutput"]["OutputDatasetS3Uri"]))
    assert [("holes" in l) for l in out] == [True, False, False, True], out
    for l in out[1:3]:
        assert "failure-reason" in l["holes-metadata"], l


def test_auto_labelling_by_its_algorithm():
    need_world()
    texts = [{"source": message(i)} for i in range(900)]
    uri = world.put(BUCKET, "in/many.manifest", lines(texts))
    two = world.put(BUCKET, "in/two.json", json.dumps(
        {"labels": [{"label": "ham"}, {"label": "spam"}]}).encode())
    # Few at a time: people are quicker here than any machine that learns from them.
    r = request("auto", "TextMultiClass", uri, f"s3://{BUCKET}/out", shared["team"], two,
                shared["text template"], MaxConcurrentTaskCount=30)
    r["LabelingJobAlgorithmsConfig"] = {"LabelingJobAlgorithmSpecificationArn":
        "arn:aws:sagemaker:us-east-1:027400017018:labeling-job-algorithm-specification/"
        "text-classification"}
    world.sm.create_labeling_job(**r)
    world.running("auto")
    world.label_all(shared["people"], "auto",
                    lambda t: "spam" if "spam" in t["source"] else "ham", seconds=180, pause=0.2)
    d = world.ended("auto", 180)
    assert d["LabelingJobStatus"] == "Completed", d
    c = d["LabelCounters"]
    assert c["MachineLabeled"] > 0 and c["TotalLabeled"] == 900, c
    model = d["LabelingJobOutput"]["FinalActiveLearningModelArn"]
    assert re.fullmatch(r"arn:aws:sagemaker:us-east-1:123456789012:model/auto-.+", model), model
    tree = world.tree(f"s3://{BUCKET}/out/auto/")
    out = parse(tree["manifests/output/output.manifest"])
    assert sum(l["auto-metadata"]["human-annotated"] == "no" for l in out) == c["MachineLabeled"]
    assert any(p.startswith("training/iteration-1/") for p in tree), sorted(tree)[:50]
    assert any(p.startswith("activelearning/") for p in tree), sorted(tree)[:50]
    assert any(p.startswith("inference/") for p in tree), sorted(tree)[:50]
    shared["model"] = model


def test_an_initial_model_starts_the_next_job():
    need_world()
    if "model" not in shared:
        raise harness.Skip("no model was made")
    texts = [{"source": message(i)} for i in range(2000, 2300)]
    uri = world.put(BUCKET, "in/next.manifest", lines(texts))
    r = request("auto-next", "TextMultiClass", uri, f"s3://{BUCKET}/out", shared["team"],
                f"s3://{BUCKET}/in/two.json", shared["text template"])
    r["LabelingJobAlgorithmsConfig"] = {
        "LabelingJobAlgorithmSpecificationArn":
            "arn:aws:sagemaker:us-east-1:027400017018:labeling-job-algorithm-specification/"
            "text-classification", "InitialActiveLearningModelArn": shared["model"]}
    world.sm.create_labeling_job(**r)
    d = world.running("auto-next")
    assert d["LabelingJobAlgorithmsConfig"]["InitialActiveLearningModelArn"] == shared["model"]
    harness.wait(lambda: world.lead.get("/api/v1/jobs/auto-next")["counts"]["provisional"] > 250, 30)
    world.sm.stop_labeling_job(LabelingJobName="auto-next")
    world.ended("auto-next")


def test_the_service_ends_well():
    aws_clients.end(world)


if __name__ == "__main__":
    raise SystemExit(harness.run(globals()))
