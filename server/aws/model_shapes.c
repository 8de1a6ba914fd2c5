/* model_shapes.c - SageMaker's request shapes for the operations of this door, one table each, in
 * the order of AWS's API reference. What a member means is the operation's business; here is only
 * what it must look like. */
#include "model.h"

#include "plumbline/base/cidr.h"


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
#define USER_POOL TEXT(1, 55, "[\\w-]+_[0-9a-zA-Z]+")
#define IP_ADDRESS_TYPE ENUM("ipv4", "dualstack")
#define ENABLED ENUM("Enabled", "Disabled")
#define DESCRIPTION TEXT(1, 200, ".+")
#define VPC_ID TEXT(0, 32, "[-0-9a-zA-Z]+")

static bool is_cidr(const char *text)
{
    struct cidr c;

    return cidr_read(text, &c);
}

/* ---- shared structures ---- */

static const struct shape cidr = {.kind = SHAPE_STRING,
                                  .min = 4,
                                  .max = 64,
                                  .fits = is_cidr,
                                  .rule = "an IPv4 or IPv6 CIDR block"};

static const struct shape client_secret = {
    .kind = SHAPE_STRING, .min = 1, .max = 1024, .pattern = "[ -~]+", .secret = true};

static const struct shape extra_param = {.kind = SHAPE_STRING, .max = 512, .pattern = ".*"};
static const struct shape extra_params = {
    .kind = SHAPE_MAP, .max = 10, .key = &extra_param, .of = &extra_param};

static const struct shape tag_shape = {
    MEMBERS(MUST("Key", TAG_KEY), MUST("Value", TEXT(0, 256, TAG_TEXT)))};
static const struct shape tags = {.kind = SHAPE_LIST, .max = 50, .of = &tag_shape};

/* Ten at most, as the developer guide says. */
static const struct shape source_ip = {MEMBERS(MUST("Cidrs", LIST(0, 10, &cidr)))};

static const struct shape oidc = {MEMBERS(
    MUST("ClientId", PRINTABLE(1, 1024)), MUST("ClientSecret", &client_secret),
    MUST("Issuer", HTTPS), MUST("AuthorizationEndpoint", HTTPS), MUST("TokenEndpoint", HTTPS),
    MUST("UserInfoEndpoint", HTTPS), MUST("LogoutEndpoint", HTTPS), MUST("JwksUri", HTTPS),
    MAY("Scope", TEXT(0, 1024, "[!#-\\[\\]-~]+( [!#-\\[\\]-~]+)*")),
    MAY("AuthenticationRequestExtraParams", &extra_params))};

static const struct shape cognito = {
    MEMBERS(MUST("UserPool", USER_POOL), MUST("ClientId", PRINTABLE(1, 1024)))};

static const struct shape workforce_vpc = {
    MEMBERS(MAY("VpcId", TEXT(0, 32, "vpc-[0-9a-z]*")),
            MAY("SecurityGroupIds", LIST(1, 5, TEXT(0, 32, "sg-[0-9a-z]*"))),
            MAY("Subnets", LIST(1, 16, TEXT(0, 32, "subnet-[0-9a-z]*"))))};

static const struct shape cognito_member = {MEMBERS(MUST("UserPool", USER_POOL),
                                                    MUST("UserGroup", TEXT(1, 128, GROUP)),
                                                    MUST("ClientId", PRINTABLE(1, 1024)))};
static const struct shape oidc_member = {MEMBERS(MAY("Groups", LIST(1, 10, TEXT(1, 63, GROUP))))};
static const struct shape member_definition = {MEMBERS(
    MAY("CognitoMemberDefinition", &cognito_member), MAY("OidcMemberDefinition", &oidc_member))};
static const struct shape member_definitions = {
    .kind = SHAPE_LIST, .min = 1, .max = 10, .of = &member_definition};

static const struct shape notification = {MEMBERS(
    MAY("NotificationTopicArn", TEXT(0, 0, ARN ":sns:[a-z0-9\\-]*:[0-9]{12}:[a-zA-Z0-9_.-]*")))};

static const struct shape policy = {MEMBERS(MAY("SourceIp", ENABLED), MAY("VpcSourceIp", ENABLED))};
static const struct shape presign = {MEMBERS(MAY("IamPolicyConstraints", &policy))};
static const struct shape worker_access = {MEMBERS(MAY("S3Presign", &presign))};

/* ---- workforces ---- */

const struct shape shape_create_workforce = {
    .name = "CreateWorkforce",
    MEMBERS(MAY("CognitoConfig", &cognito), MAY("OidcConfig", &oidc),
            MAY("SourceIpConfig", &source_ip), MUST("WorkforceName", WORKFORCE_NAME),
            MAY("Tags", &tags), MAY("WorkforceVpcConfig", &workforce_vpc),
            MAY("IpAddressType", IP_ADDRESS_TYPE))};

const struct shape shape_describe_workforce = {.name = "DescribeWorkforce",
                                               MEMBERS(MUST("WorkforceName", WORKFORCE_NAME))};

const struct shape shape_update_workforce = {
    .name = "UpdateWorkforce",
    MEMBERS(MUST("WorkforceName", WORKFORCE_NAME), MAY("SourceIpConfig", &source_ip),
            MAY("OidcConfig", &oidc), MAY("WorkforceVpcConfig", &workforce_vpc),
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
            MUST("MemberDefinitions", &member_definitions), MUST("Description", DESCRIPTION),
            MAY("NotificationConfiguration", &notification),
            MAY("WorkerAccessConfiguration", &worker_access), MAY("Tags", &tags))};

const struct shape shape_describe_workteam = {.name = "DescribeWorkteam",
                                              MEMBERS(MUST("WorkteamName", WORKTEAM_NAME))};

const struct shape shape_update_workteam = {
    .name = "UpdateWorkteam",
    MEMBERS(MUST("WorkteamName", WORKTEAM_NAME), MAY("MemberDefinitions", &member_definitions),
            MAY("Description", DESCRIPTION), MAY("NotificationConfiguration", &notification),
            MAY("WorkerAccessConfiguration", &worker_access))};

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
    .name = "AddTags", MEMBERS(MUST("ResourceArn", RESOURCE_ARN), MUST("Tags", &tags))};

const struct shape shape_list_tags = {.name = "ListTags",
                                      MEMBERS(MUST("ResourceArn", RESOURCE_ARN),
                                              MAY("NextToken", NEXT_TOKEN),
                                              MAY("MaxResults", INTEGER(50, 0)))};

const struct shape shape_delete_tags = {
    .name = "DeleteTags",
    MEMBERS(MUST("ResourceArn", RESOURCE_ARN), MUST("TagKeys", LIST(1, 50, TAG_KEY)))};

/* ---- labelling jobs ---- */

static const struct shape s3_source = {MEMBERS(MUST("ManifestS3Uri", S3_URI))};
static const struct shape sns_source = {MEMBERS(MUST("SnsTopicArn", TOPIC_ARN))};
static const struct shape data_source = {
    MEMBERS(MAY("S3DataSource", &s3_source), MAY("SnsDataSource", &sns_source))};
static const struct shape data_attributes = {MEMBERS(
    MAY("ContentClassifiers",
        LIST(0, 256, ENUM("FreeOfPersonallyIdentifiableInformation", "FreeOfAdultContent"))))};
static const struct shape input_config = {
    MEMBERS(MUST("DataSource", &data_source), MAY("DataAttributes", &data_attributes))};

static const struct shape output_config = {
    MEMBERS(MUST("S3OutputPath", S3_URI), MAY("KmsKeyId", KMS_KEY), MAY("SnsTopicArn", TOPIC_ARN))};

static const struct shape ui_config = {
    MEMBERS(MAY("UiTemplateS3Uri", S3_URI), MAY("HumanTaskUiArn", HUMAN_TASK_UI_ARN))};
static const struct shape consolidation = {
    MEMBERS(MUST("AnnotationConsolidationLambdaArn", LAMBDA_ARN))};
static const struct shape amount = {MEMBERS(MAY("Dollars", INTEGER(0, 2)),
                                            MAY("Cents", INTEGER(0, 99)),
                                            MAY("TenthFractionsOfACent", INTEGER(0, 9)))};
static const struct shape price = {MEMBERS(MAY("AmountInUsd", &amount))};

static const struct shape human_task = {MEMBERS(
    MUST("WorkteamArn", WORKTEAM_ARN), MUST("UiConfig", &ui_config),
    MAY("PreHumanTaskLambdaArn", LAMBDA_ARN),
    MAY("TaskKeywords", LIST(1, 5, TEXT(1, 30, "[A-Za-z0-9]+( [A-Za-z0-9]+)*"))),
    MUST("TaskTitle", TEXT(1, 128, "[\\t\\n\\r -\\uD7FF\\uE000-\\uFFFD]*")),
    MUST("TaskDescription", TEXT(1, 255, ".+")),
    MUST("NumberOfHumanWorkersPerDataObject", INTEGER(1, 9)),
    MUST("TaskTimeLimitInSeconds", INTEGER(30, 0)),
    MAY("TaskAvailabilityLifetimeInSeconds", INTEGER(60, 0)),
    MAY("MaxConcurrentTaskCount", INTEGER(1, 5000)),
    MAY("AnnotationConsolidationConfig", &consolidation), MAY("PublicWorkforceTaskPrice", &price))};

static const struct shape stopping_conditions = {
    MEMBERS(MAY("MaxHumanLabeledObjectCount", INTEGER(1, 0)),
            MAY("MaxPercentageOfInputDatasetLabeled", INTEGER(1, 100)))};

static const struct shape training_vpc = {
    MEMBERS(MUST("SecurityGroupIds", LIST(1, 5, VPC_ID)), MUST("Subnets", LIST(1, 16, VPC_ID)))};
static const struct shape resources = {
    MEMBERS(MAY("VolumeKmsKeyId", KMS_KEY), MAY("VpcConfig", &training_vpc))};
static const struct shape algorithms = {MEMBERS(
    MUST("LabelingJobAlgorithmSpecificationArn", TEXT(0, 2048, "arn:.*")),
    MAY("InitialActiveLearningModelArn", MODEL_ARN), MAY("LabelingJobResourceConfig", &resources))};

const struct shape shape_create_labeling_job = {
    .name = "CreateLabelingJob",
    MEMBERS(MUST("LabelingJobName", JOB_NAME),
            MUST("LabelAttributeName", TEXT(1, 127, "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,126}")),
            MUST("InputConfig", &input_config), MUST("OutputConfig", &output_config),
            MUST("RoleArn", ROLE_ARN), MAY("LabelCategoryConfigS3Uri", S3_URI),
            MAY("StoppingConditions", &stopping_conditions),
            MAY("LabelingJobAlgorithmsConfig", &algorithms), MUST("HumanTaskConfig", &human_task),
            MAY("Tags", &tags))};

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
