"""Cases of the rules on logs, alarms and the API."""

from tests.serverless.stack.rules.support import Case, made

BOARD, BUDGET, ROLE = "AWS::CloudWatch::Dashboard", "AWS::Budgets::Budget", "AWS::IAM::Role"
LOGS, STAGE, ALARM = "AWS::Logs::LogGroup", "AWS::ApiGatewayV2::Stage", "AWS::CloudWatch::Alarm"
INTEGRATION = "AWS::ApiGatewayV2::Integration"
WEB = "/aws/lambda/shop-production"
FUNCTION = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:shop-production"
INVOKED = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/" + FUNCTION
ACTIONS = {"AlarmActions": [{"Ref": "Alarms"}]}


CASES = [
    Case(
        rule="logs-end",
        breaks=[("Web", made(Web=(LOGS, {"LogGroupName": WEB})))],
        holds=[made(Web=(LOGS, {"RetentionInDays": 30}))],
    ),
    Case(
        rule="logs-of-functions",
        breaks=[
            (
                f"{WEB}-migrator",
                made(Web=(LOGS, {"LogGroupName": WEB}), Worker=(LOGS, {"LogGroupName": f"{WEB}-worker"})),
            )
        ],
        holds=[
            made(
                Web=(LOGS, {"LogGroupName": WEB}),
                Worker=(LOGS, {"LogGroupName": f"{WEB}-worker"}),
                Migrator=(LOGS, {"LogGroupName": f"{WEB}-migrator"}),
            )
        ],
    ),
    Case(rule="logs-of-functions", breaks=[], holds=[{}], kind="edge"),
    Case(
        rule="api-throttled",
        breaks=[
            ("Stage", made(Stage=(STAGE, {}))),
            ("Stage", made(Stage=(STAGE, {"DefaultRouteSettings": {"ThrottlingBurstLimit": 100}}))),
        ],
        holds=[made(Stage=(STAGE, {"DefaultRouteSettings": {"ThrottlingBurstLimit": 100, "ThrottlingRateLimit": 50}}))],
    ),
    Case(
        rule="api-logged",
        breaks=[
            ("Stage", made(Stage=(STAGE, {}))),
            ("Stage", made(Stage=(STAGE, {"AccessLogSettings": {"DestinationArn": {"Ref": "Logs"}}}))),
        ],
        holds=[made(Stage=(STAGE, {"AccessLogSettings": {"DestinationArn": {"Ref": "Logs"}, "Format": "$context"}}))],
    ),
    Case(
        rule="api-alias",
        breaks=[
            ("Api", made(Api=(INTEGRATION, {"IntegrationUri": {"Fn::Sub": FUNCTION}}))),
            ("Api", made(Api=(INTEGRATION, {"IntegrationUri": {"Fn::Sub": f"{INVOKED}:7/invocations"}}))),
        ],
        holds=[
            made(Api=(INTEGRATION, {"IntegrationUri": {"Fn::Sub": f"{FUNCTION}:live"}})),
            made(Api=(INTEGRATION, {"IntegrationUri": {"Fn::Sub": f"{INVOKED}:live/invocations"}})),
        ],
    ),
    Case(
        rule="alarm-action",
        breaks=[
            ("Errors", made(Errors=(ALARM, {}))),
            ("Errors", made(Errors=(ALARM, {"AlarmActions": []}))),
            ("Errors", made(Errors=(ALARM, {**ACTIONS, "ActionsEnabled": False}))),
            ("Errors", made(Errors=("AWS::CloudWatch::CompositeAlarm", {}))),
        ],
        holds=[made(Errors=(ALARM, ACTIONS))],
    ),
    Case(
        rule="alarm-silence",
        breaks=[("Errors", made(Errors=(ALARM, ACTIONS)))],
        holds=[made(Errors=(ALARM, {"TreatMissingData": "notBreaching"}))],
    ),
    Case(
        rule="names-regional",
        breaks=[
            ("Board", made(Board=(BOARD, {"DashboardName": "shop-production"}))),
            ("Budget", made(Budget=(BUDGET, {"Budget": {"BudgetName": "shop-production"}}))),
            ("Role", made(Role=(ROLE, {"RoleName": "shop-production-web"}))),
        ],
        holds=[
            made(Board=(BOARD, {"DashboardName": "shop-production-eu-central-1"})),
            made(Board=(BOARD, {}), Budget=(BUDGET, {"Budget": {"BudgetType": "COST"}}), Role=(ROLE, {})),
        ],
    ),
    Case(rule="names-regional", breaks=[], holds=[made(Board=(BOARD, {"DashboardName": "shop"}))], kind="edge"),
]
