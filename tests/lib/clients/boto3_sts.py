#!/usr/bin/python3
"""For each line on stdin: asks STS who it is, and prints the ARN."""
import os
import sys

import boto3
import botocore.exceptions

try:
    sts = boto3.client("sts", endpoint_url=os.environ["SERVER"])
    for _ in sys.stdin:
        print(sts.get_caller_identity()["Arn"], flush=True)
except botocore.exceptions.BotoCoreError as error:
    sys.exit(str(error))
