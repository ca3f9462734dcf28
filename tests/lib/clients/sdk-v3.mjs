// For each line on stdin: asks STS who it is, and prints the ARN. The AWS SDK for JavaScript, version 3.
import { createInterface } from 'node:readline';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

const sts = new STSClient({});
for await (const line of createInterface({ input: process.stdin })) {
	const identity = await sts.send(new GetCallerIdentityCommand({}));
	console.log(identity.Arn);
}
