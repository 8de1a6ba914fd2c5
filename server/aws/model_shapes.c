/* model_shapes.c - SageMaker's request shapes for the operations of this door, one table each, in
 * the order of AWS's API reference. What a member means is the operation's business; here is only
 * what it must look like. */
#include "model.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define SHAPE(...) (&(const struct shape){__VA_ARGS__})
#define TEXT(low, high, form)                                                                      \
    SHAPE(.kind = SHAPE_STRING, .min = (low), .max = (high), .pattern = (form))
#define INTEGER(low, high) SHAPE(.kind = SHAPE_INTEGER, .min = (low), .max = (high))
#define ENUM(...) SHAPE(.kind = SHAPE_STRING, .choices = (const char *const[]){__VA_ARGS__, NULL})
#define LIST(low, high, element)                                                                   \
    SHAPE(.kind = SHAPE_LIST, .min = (low), .max = (high), .of = (element))
#define TIMESTAMP SHAPE(.kind = SHAPE_TIMESTAMP)
#define MEMBERS(...)                                                                               \
    .kind = SHAPE_STRUCTURE, .members = (const struct shape_member[])                              \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }
#define STRUCTURE(...) SHAPE(MEMBERS(__VA_ARGS__))
#define MUST(member, ...)                                                                          \
    {                                                                                              \
        .name = (member), .shape = (__VA_ARGS__), .required = true                                 \
    }
#define MAY(member, ...)                                                                           \
    {                                                                                              \
        .name = (member), .shape = (__VA_ARGS__)                                                   \
    }

/* ---- texts that many shapes share ---- */

#define ARN "arn:aws[a-z\\-]*"
#define JOB_NAME TEXT(1, 63, "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
#define WORKTEAM_NAME JOB_NAME
#define WORKFORCE_NAME TEXT(1, 63, "[a-zA-Z0-9]([a-zA-Z0-9\\-]){0,62}")
#define S3_URI TEXT(0, 1024, "(https|s3)://([^/]+)/?(.*)")
#define ROLE_ARN TEXT(20, 2048, ARN ":iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+")
#define LAMBDA_ARN TEXT(0, 2048, ARN ":lambda:[a-z0-9\\-]*:[0-9]{12}:function:.*")
#define TOPIC_ARN TEXT(0, 2048, ARN ":sns:[a-z0-9\\-]*:[0-9]{12}:[a-zA-Z0-9_.-]+")
#define WORKTEAM_ARN TEXT(0, 256, ARN ":sagemaker:[a-z0-9\\-]*:[0-9]{12}:workteam/.*")
#define HUMAN_TASK_UI_ARN TEXT(0, 1024, ARN ":sagemaker:[a-z0-9\\-]+:[0-9]{12}:human-task-ui/.*")
#define MODEL_ARN TEXT(20, 2048, ARN ":sagemaker:[a-z0-9\\-]*:[0-9]{12}:model/.*")
#define RESOURCE_ARN TEXT(0, 256, "arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:.+")
#define KMS_KEY TEXT(0, 2048, "[a-zA-Z0-9:/_-]*")
#define TAG_TEXT "([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)"
#define TAG_KEY TEXT(1, 128, TAG_TEXT)
#define GROUP "[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+"
#define PRINTABLE(low, high) TEXT(low, high, "[ -~]+")
#define HTTPS TEXT(0, 500, "https://\\S+")
#define SORT_ORDER ENUM("Ascending", "Descending")
#define STATUS ENUM("Initializing", "InProgress", "Completed", "Failed", "Stopping", "Stopped")
#define NEXT_TOKEN TEXT(0, 8192, ".*")
#define MAX_RESULTS INTEGER(1, 100)

static bool is_cidr(const char *text)
{
    const char *slash = strrchr(text, '/');
    unsigned char bytes[16];
    char address[64], *end;
    long bits;
    bool six;

    if (!slash || (size_t)(slash - text) >= sizeof address || !slash[1] ||
        strspn(slash + 1, "0123456789") != strlen(slash + 1))
        return false;
    memcpy(address, text, (size_t)(slash - text));
    address[slash - text] = '\0';
    six = strchr(address, ':') != NULL;
    bits = strtol(slash + 1, &end, 10);
    return bits <= (six ? 128 : 32) && inet_pton(six ? AF_INET6 : AF_INET, address, bytes) == 1;
}

/* ---- shared structures ---- */

#define TAGS LIST(0, 50, STRUCTURE(MUST("Key", TAG_KEY), MUST("Value", TEXT(0, 256, TAG_TEXT))))

/* Ten at most, as the developer guide says. */
#define SOURCE_IP                                                                                  \
    STRUCTURE(MUST("Cidrs", LIST(0, 10,                                                            \
                                 SHAPE(.kind = SHAPE_STRING, .min = 4, .max = 64, .fits = is_cidr, \
                                       .rule = "an IPv4 or IPv6 CIDR block"))))

#define OIDC                                                                                       \
    STRUCTURE(MUST("ClientId", PRINTABLE(1, 1024)),                                                \
              MUST("ClientSecret", SHAPE(.kind = SHAPE_STRING, .min = 1, .max = 1024,              \
                                         .pattern = "[ -~]+", .secret = true)),                    \
              MUST("Issuer", HTTPS), MUST("AuthorizationEndpoint", HTTPS),                         \
              MUST("TokenEndpoint", HTTPS), MUST("UserInfoEndpoint", HTTPS),                       \
              MUST("LogoutEndpoint", HTTPS), MUST("JwksUri", HTTPS),                               \
              MAY("Scope", TEXT(0, 1024, "[!#-\\[\\]-~]+( [!#-\\[\\]-~]+)*")),                     \
              MAY("AuthenticationRequestExtraParams",                                              \
                  SHAPE(.kind = SHAPE_MAP, .max = 10, .key = TEXT(0, 512, ".*"),                   \
                        .of = TEXT(0, 512, ".*"))))

#define USER_POOL TEXT(1, 55, "[\\w-]+_[0-9a-zA-Z]+")
#define COGNITO STRUCTURE(MUST("UserPool", USER_POOL), MUST("ClientId", PRINTABLE(1, 1024)))

#define WORKFORCE_VPC                                                                              \
    STRUCTURE(MAY("VpcId", TEXT(0, 32, "vpc-[0-9a-z]*")),                                          \
              MAY("SecurityGroupIds", LIST(1, 5, TEXT(0, 32, "sg-[0-9a-z]*"))),                    \
              MAY("Subnets", LIST(1, 16, TEXT(0, 32, "subnet-[0-9a-z]*"))))

#define IP_ADDRESS_TYPE ENUM("ipv4", "dualstack")

#define MEMBER_DEFINITIONS                                                                         \
    LIST(                                                                                          \
        1, 10,                                                                                     \
        STRUCTURE(MAY("CognitoMemberDefinition", STRUCTURE(MUST("UserPool", USER_POOL),            \
                                                           MUST("UserGroup", TEXT(1, 128, GROUP)), \
                                                           MUST("ClientId", PRINTABLE(1, 1024)))), \
                  MAY("OidcMemberDefinition",                                                      \
                      STRUCTURE(MAY("Groups", LIST(1, 10, TEXT(1, 63, GROUP)))))))

#define NOTIFICATION                                                                               \
    STRUCTURE(MAY("NotificationTopicArn",                                                          \
                  TEXT(0, 0, ARN ":sns:[a-z0-9\\-]*:[0-9]{12}:[a-zA-Z0-9_.-]*")))

#define ENABLED ENUM("Enabled", "Disabled")
#define WORKER_ACCESS                                                                              \
    STRUCTURE(MAY("S3Presign",                                                                     \
                  STRUCTURE(MAY("IamPolicyConstraints", STRUCTURE(MAY("SourceIp", ENABLED),        \
                                                                  MAY("VpcSourceIp", ENABLED))))))

#define DESCRIPTION TEXT(1, 200, ".+")

/* ---- workforces ---- */

const struct shape shape_create_workforce = {
    .name = "CreateWorkforce",
    MEMBERS(MAY("CognitoConfig", COGNITO), MAY("OidcConfig", OIDC),
            MAY("SourceIpConfig", SOURCE_IP), MUST("WorkforceName", WORKFORCE_NAME),
            MAY("Tags", TAGS), MAY("WorkforceVpcConfig", WORKFORCE_VPC),
            MAY("IpAddressType", IP_ADDRESS_TYPE))};

const struct shape shape_describe_workforce = {.name = "DescribeWorkforce",
                                               MEMBERS(MUST("WorkforceName", WORKFORCE_NAME))};

const struct shape shape_update_workforce = {
    .name = "UpdateWorkforce",
    MEMBERS(MUST("WorkforceName", WORKFORCE_NAME), MAY("SourceIpConfig", SOURCE_IP),
            MAY("OidcConfig", OIDC), MAY("WorkforceVpcConfig", WORKFORCE_VPC),
            MAY("IpAddressType", IP_ADDRESS_TYPE))};

const struct shape shape_list_workforces = {
    .name = "ListWorkforces",
    MEMBERS(MAY("SortBy", ENUM("Name", "CreateDate")), MAY("SortOrder", SORT_ORDER),
            MAY("NameContains", WORKFORCE_NAME), MAY("NextToken", NEXT_TOKEN),
            MAY("MaxResults", MAX_RESULTS))};

/* ---- work teams ---- */

const struct shape shape_create_workteam = {
    .name = "CreateWorkteam",
    MEMBERS(MUST("WorkteamName", WORKTEAM_NAME), MAY("WorkforceName", WORKFORCE_NAME),
            MUST("MemberDefinitions", MEMBER_DEFINITIONS), MUST("Description", DESCRIPTION),
            MAY("NotificationConfiguration", NOTIFICATION),
            MAY("WorkerAccessConfiguration", WORKER_ACCESS), MAY("Tags", TAGS))};

const struct shape shape_describe_workteam = {.name = "DescribeWorkteam",
                                              MEMBERS(MUST("WorkteamName", WORKTEAM_NAME))};

const struct shape shape_update_workteam = {
    .name = "UpdateWorkteam",
    MEMBERS(MUST("WorkteamName", WORKTEAM_NAME), MAY("MemberDefinitions", MEMBER_DEFINITIONS),
            MAY("Description", DESCRIPTION), MAY("NotificationConfiguration", NOTIFICATION),
            MAY("WorkerAccessConfiguration", WORKER_ACCESS))};

const struct shape shape_list_workteams = {
    .name = "ListWorkteams",
    MEMBERS(MAY("SortBy", ENUM("Name", "CreateDate")), MAY("SortOrder", SORT_ORDER),
            MAY("NameContains", WORKTEAM_NAME), MAY("NextToken", NEXT_TOKEN),
            MAY("MaxResults", MAX_RESULTS))};

const struct shape shape_list_subscribed_workteams = {.name = "ListSubscribedWorkteams",
                                                      MEMBERS(MAY("NameContains", WORKTEAM_NAME),
                                                              MAY("NextToken", NEXT_TOKEN),
                                                              MAY("MaxResults", MAX_RESULTS))};

/* ---- tags ---- */

const struct shape shape_add_tags = {
    .name = "AddTags", MEMBERS(MUST("ResourceArn", RESOURCE_ARN), MUST("Tags", TAGS))};

const struct shape shape_list_tags = {.name = "ListTags",
                                      MEMBERS(MUST("ResourceArn", RESOURCE_ARN),
                                              MAY("NextToken", NEXT_TOKEN),
                                              MAY("MaxResults", INTEGER(50, 0)))};

const struct shape shape_delete_tags = {
    .name = "DeleteTags",
    MEMBERS(MUST("ResourceArn", RESOURCE_ARN), MUST("TagKeys", LIST(1, 50, TAG_KEY)))};

/* ---- labelling jobs ---- */

#define INPUT_CONFIG                                                                               \
    STRUCTURE(                                                                                     \
        MUST("DataSource",                                                                         \
             STRUCTURE(MAY("S3DataSource", STRUCTURE(MUST("ManifestS3Uri", S3_URI))),              \
                       MAY("SnsDataSource", STRUCTURE(MUST("SnsTopicArn", TOPIC_ARN))))),          \
        MAY("DataAttributes", STRUCTURE(MAY("ContentClassifiers",                                  \
                                            LIST(0, 256,                                           \
                                                 ENUM("FreeOfPersonallyIdentifiableInformation",   \
                                                      "FreeOfAdultContent"))))))

#define OUTPUT_CONFIG                                                                              \
    STRUCTURE(MUST("S3OutputPath", S3_URI), MAY("KmsKeyId", KMS_KEY), MAY("SnsTopicArn", TOPIC_ARN))

#define PRICE                                                                                      \
    STRUCTURE(                                                                                     \
        MAY("AmountInUsd", STRUCTURE(MAY("Dollars", INTEGER(0, 2)), MAY("Cents", INTEGER(0, 99)),  \
                                     MAY("TenthFractionsOfACent", INTEGER(0, 9)))))

#define HUMAN_TASK_CONFIG                                                                          \
    STRUCTURE(MUST("WorkteamArn", WORKTEAM_ARN),                                                   \
              MUST("UiConfig", STRUCTURE(MAY("UiTemplateS3Uri", S3_URI),                           \
                                         MAY("HumanTaskUiArn", HUMAN_TASK_UI_ARN))),               \
              MAY("PreHumanTaskLambdaArn", LAMBDA_ARN),                                            \
              MAY("TaskKeywords", LIST(1, 5, TEXT(1, 30, "[A-Za-z0-9]+( [A-Za-z0-9]+)*"))),        \
              MUST("TaskTitle", TEXT(1, 128, "[\\t\\n\\r -\\uD7FF\\uE000-\\uFFFD]*")),             \
              MUST("TaskDescription", TEXT(1, 255, ".+")),                                         \
              MUST("NumberOfHumanWorkersPerDataObject", INTEGER(1, 9)),                            \
              MUST("TaskTimeLimitInSeconds", INTEGER(30, 0)),                                      \
              MAY("TaskAvailabilityLifetimeInSeconds", INTEGER(60, 0)),                            \
              MAY("MaxConcurrentTaskCount", INTEGER(1, 5000)),                                     \
              MAY("AnnotationConsolidationConfig",                                                 \
                  STRUCTURE(MUST("AnnotationConsolidationLambdaArn", LAMBDA_ARN))),                \
              MAY("PublicWorkforceTaskPrice", PRICE))

#define STOPPING_CONDITIONS                                                                        \
    STRUCTURE(MAY("MaxHumanLabeledObjectCount", INTEGER(1, 0)),                                    \
              MAY("MaxPercentageOfInputDatasetLabeled", INTEGER(1, 100)))

#define VPC_ID TEXT(0, 32, "[-0-9a-zA-Z]+")
#define ALGORITHMS                                                                                 \
    STRUCTURE(                                                                                     \
        MUST("LabelingJobAlgorithmSpecificationArn", TEXT(0, 2048, "arn:.*")),                     \
        MAY("InitialActiveLearningModelArn", MODEL_ARN),                                           \
        MAY("LabelingJobResourceConfig",                                                           \
            STRUCTURE(MAY("VolumeKmsKeyId", KMS_KEY),                                              \
                      MAY("VpcConfig", STRUCTURE(MUST("SecurityGroupIds", LIST(1, 5, VPC_ID)),     \
                                                 MUST("Subnets", LIST(1, 16, VPC_ID)))))))

const struct shape shape_create_labeling_job = {
    .name = "CreateLabelingJob",
    MEMBERS(MUST("LabelingJobName", JOB_NAME),
            MUST("LabelAttributeName", TEXT(1, 127, "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,126}")),
            MUST("InputConfig", INPUT_CONFIG), MUST("OutputConfig", OUTPUT_CONFIG),
            MUST("RoleArn", ROLE_ARN), MAY("LabelCategoryConfigS3Uri", S3_URI),
            MAY("StoppingConditions", STOPPING_CONDITIONS),
            MAY("LabelingJobAlgorithmsConfig", ALGORITHMS),
            MUST("HumanTaskConfig", HUMAN_TASK_CONFIG), MAY("Tags", TAGS))};

const struct shape shape_describe_labeling_job = {.name = "DescribeLabelingJob",
                                                  MEMBERS(MUST("LabelingJobName", JOB_NAME))};

const struct shape shape_list_labeling_jobs = {
    .name = "ListLabelingJobs",
    MEMBERS(MAY("CreationTimeAfter", TIMESTAMP), MAY("CreationTimeBefore", TIMESTAMP),
            MAY("LastModifiedTimeAfter", TIMESTAMP), MAY("LastModifiedTimeBefore", TIMESTAMP),
            MAY("MaxResults", MAX_RESULTS), MAY("NextToken", NEXT_TOKEN),
            MAY("NameContains", TEXT(0, 63, "[a-zA-Z0-9\\-]+")),
            MAY("SortBy", ENUM("Name", "CreationTime", "Status")), MAY("SortOrder", SORT_ORDER),
            MAY("StatusEquals", STATUS))};

const struct shape shape_list_labeling_jobs_for_workteam = {
    .name = "ListLabelingJobsForWorkteam",
    MEMBERS(MUST("WorkteamArn", WORKTEAM_ARN), MAY("MaxResults", MAX_RESULTS),
            MAY("NextToken", NEXT_TOKEN), MAY("CreationTimeAfter", TIMESTAMP),
            MAY("CreationTimeBefore", TIMESTAMP),
            MAY("JobReferenceCodeContains", TEXT(1, 255, ".+")),
            MAY("SortBy", ENUM("CreationTime")), MAY("SortOrder", SORT_ORDER))};

/* ---- templates ---- */

const struct shape shape_render_ui_template = {
    .name = "RenderUiTemplate",
    MEMBERS(MAY("UiTemplate", STRUCTURE(MUST("Content", TEXT(1, 128000, "[\\S\\s]+")))),
            MUST("Task", STRUCTURE(MUST("Input", TEXT(2, 128000, "[\\S\\s]+")))),
            MUST("RoleArn", ROLE_ARN), MAY("HumanTaskUiArn", HUMAN_TASK_UI_ARN))};
