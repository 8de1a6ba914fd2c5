#!/bin/sh
# session.sh - from an empty server to a downloaded output manifest, with the AWS CLI as it is.
#
# Wants a running service and the bucket's server behind it:
#   PLUMBLINE   http://127.0.0.1:8080      TOKEN        a bearer token of a lead, for people and answers
#   S3          http://127.0.0.1:8189      BUCKET       a name that is free
#   AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY   of `plumbline key create`
#   S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY     of the bucket's server
#   ANNOTATOR, ANNOTATOR_TOKEN                 id and token of somebody who labels
set -eu
aws=${AWS:-aws}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
account=${ACCOUNT:-000000000000}
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1} AWS_PAGER=

say() { printf '\n$ %s\n' "$*"; }
sagemaker() { say aws sagemaker "$@"; $aws --endpoint-url "$PLUMBLINE" sagemaker "$@"; }
s3() {
    say aws s3 "$@"
    AWS_ACCESS_KEY_ID=$S3_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY=$S3_SECRET_ACCESS_KEY \
        $aws --endpoint-url "$S3" s3 "$@"
}
rest() { # METHOD PATH [BODY]
    curl -sS --fail-with-body -X "$1" -H "Authorization: Bearer ${4:-$TOKEN}" \
        -H 'Content-Type: application/json' ${3:+-d "$3"} "$PLUMBLINE/api/v1$2"
}
field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" | head -n 1; }

# ---- what the team has already: texts, classes, a worker template ----
cat >"$folder/in.manifest" <<'X'
{"source":"The apples arrived bruised.","plot":"A7"}
{"source":"Please send ten more crates of pears."}
{"source":"When do you open on Sunday?"}
X
cat >"$folder/classes.json" <<'X'
{"document-version":"2018-11-28","labels":[{"label":"complaint"},{"label":"order"},{"label":"question"}]}
X
cat >"$folder/template.liquid.html" <<'X'
<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <crowd-classifier name="crowd-classifier" header="What does the customer want?"
                    categories="{{ task.input.labels | to_json | escape }}">
    <classification-target>{{ task.input.taskObject }}</classification-target>
    <full-instructions header="Rules"><p>A complaint beats an order.</p></full-instructions>
    <short-instructions><p>Choose <b>one</b> class.</p></short-instructions>
  </crowd-classifier>
</crowd-form>
X

s3 mb "s3://$BUCKET"
s3 cp --no-progress --recursive "$folder" "s3://$BUCKET/in/"

# ---- a work team, and somebody in it ----
sagemaker create-workteam --workteam-name mailroom --description "Reads what customers write" \
    --member-definitions 'CognitoMemberDefinition={UserPool=us-east-1_local,UserGroup=mailroom,ClientId=local}'
team=$(rest GET /teams | tr '{' '\n' | grep '"mailroom"' | field id)
say curl -X PUT "$PLUMBLINE/api/v1/teams/$team/members/$ANNOTATOR"
rest PUT "/teams/$team/members/$ANNOTATOR"

# ---- the job, as a script for Ground Truth makes it ----
lambda="arn:aws:lambda:us-east-1:432418664414:function"
sagemaker create-labeling-job --labeling-job-name letters --label-attribute-name intent \
    --input-config "DataSource={S3DataSource={ManifestS3Uri=s3://$BUCKET/in/in.manifest}}" \
    --output-config "S3OutputPath=s3://$BUCKET/out" \
    --role-arn "arn:aws:iam::$account:role/GroundTruth" \
    --label-category-config-s3-uri "s3://$BUCKET/in/classes.json" \
    --human-task-config "WorkteamArn=arn:aws:sagemaker:$AWS_DEFAULT_REGION:$account:workteam/private-crowd/mailroom,UiConfig={UiTemplateS3Uri=s3://$BUCKET/in/template.liquid.html},PreHumanTaskLambdaArn=$lambda:PRE-TextMultiClass,TaskTitle=Letters,TaskDescription=Sort the letters,NumberOfHumanWorkersPerDataObject=1,TaskTimeLimitInSeconds=300,AnnotationConsolidationConfig={AnnotationConsolidationLambdaArn=$lambda:ACS-TextMultiClass}"
until [ "$($aws --endpoint-url "$PLUMBLINE" sagemaker describe-labeling-job \
    --labeling-job-name letters --query LabelingJobStatus --output text)" = InProgress ]; do
    sleep 0.5
done

# ---- people label in the browser; here it is three answers by REST ----
for label in complaint order question; do
    lease=$(rest POST /jobs/letters/leases '{"n":1}' "$ANNOTATOR_TOKEN" | field lease)
    say curl -X POST "$PLUMBLINE/api/v1/jobs/letters/answers" "'$label'"
    rest POST /jobs/letters/answers "{\"lease\":\"$lease\",\"answer\":{\"label\":\"$label\"}}" \
        "$ANNOTATOR_TOKEN" >/dev/null
done

# ---- wait as every script does, then fetch what came out ----
until status=$($aws --endpoint-url "$PLUMBLINE" sagemaker describe-labeling-job \
    --labeling-job-name letters --query LabelingJobStatus --output text) &&
    [ "$status" != InProgress ]; do
    sleep 1
done
sagemaker describe-labeling-job --labeling-job-name letters \
    --query '[LabelingJobStatus,LabelCounters,LabelingJobOutput]'
s3 ls --recursive "s3://$BUCKET/out/letters/"
s3 cp --no-progress "s3://$BUCKET/out/letters/manifests/output/output.manifest" "$folder/output.manifest"
say cat output.manifest
cat "$folder/output.manifest"
