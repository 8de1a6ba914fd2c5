/* operations.c - what the door can do: one row an operation. */
#include "door.h"

#include "model.h"

#include <string.h>

enum {
    LOOK = ROLE_REVIEWER | ROLE_LEAD | ROLE_ADMIN,
    ACT = ROLE_LEAD | ROLE_ADMIN,
};

static const char no_human_task_ui[] = "Human task UIs of one's own belong to review loops, which "
                                       "this service does not have; labelling "
                                       "jobs take a template file in UiConfig.UiTemplateS3Uri.";
static const char no_vendors[] =
    "This service has no vendors; a vendor's people can be given accounts and a team.";

const struct aws_operation aws_operations[] = {
    {"CreateLabelingJob", &shape_create_labeling_job, aws_create_labeling_job, ACT, true, NULL},
    {"DescribeLabelingJob", &shape_describe_labeling_job, aws_describe_labeling_job, LOOK, false,
     NULL},
    {"ListLabelingJobs", &shape_list_labeling_jobs, aws_list_labeling_jobs, LOOK, false, NULL},
    {"ListLabelingJobsForWorkteam", &shape_list_labeling_jobs_for_workteam,
     aws_list_labeling_jobs_for_workteam, LOOK, false, NULL},
    {"StopLabelingJob", &shape_describe_labeling_job, aws_stop_labeling_job, ACT, false, NULL},
    {"CreateWorkforce", &shape_create_workforce, aws_create_workforce, ACT, true, NULL},
    {"DescribeWorkforce", &shape_describe_workforce, aws_describe_workforce, LOOK, false, NULL},
    {"UpdateWorkforce", &shape_update_workforce, aws_update_workforce, ACT, false, NULL},
    {"ListWorkforces", &shape_list_workforces, aws_list_workforces, LOOK, false, NULL},
    {"DeleteWorkforce", &shape_describe_workforce, aws_delete_workforce, ACT, false, NULL},
    {"CreateWorkteam", &shape_create_workteam, aws_create_workteam, ACT, true, NULL},
    {"DescribeWorkteam", &shape_describe_workteam, aws_describe_workteam, LOOK, false, NULL},
    {"UpdateWorkteam", &shape_update_workteam, aws_update_workteam, ACT, false, NULL},
    {"ListWorkteams", &shape_list_workteams, aws_list_workteams, LOOK, false, NULL},
    {"DeleteWorkteam", &shape_describe_workteam, aws_delete_workteam, ACT, false, NULL},
    {"ListSubscribedWorkteams", &shape_list_subscribed_workteams, aws_list_subscribed_workteams,
     LOOK, false, NULL},
    {"DescribeSubscribedWorkteam", NULL, NULL, LOOK, false, no_vendors},
    {"RenderUiTemplate", &shape_render_ui_template, aws_render_ui_template, LOOK, false, NULL},
    {"AddTags", &shape_add_tags, aws_add_tags, ACT, false, NULL},
    {"ListTags", &shape_list_tags, aws_list_tags, LOOK, false, NULL},
    {"DeleteTags", &shape_delete_tags, aws_delete_tags, ACT, false, NULL},
    {"CreateHumanTaskUi", NULL, NULL, ACT, false, no_human_task_ui},
    {"DescribeHumanTaskUi", NULL, NULL, LOOK, false, no_human_task_ui},
    {"ListHumanTaskUis", NULL, NULL, LOOK, false, no_human_task_ui},
    {"DeleteHumanTaskUi", NULL, NULL, ACT, false, no_human_task_ui},
};

const size_t aws_operations_count = sizeof aws_operations / sizeof *aws_operations;

const struct aws_operation *aws_operation_find(const char *name)
{
    for (size_t i = 0; i < aws_operations_count; i++)
        if (strcmp(aws_operations[i].name, name) == 0)
            return &aws_operations[i];
    return NULL;
}
