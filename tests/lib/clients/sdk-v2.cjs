// For each line on stdin: asks STS who it is, and prints the ARN. The AWS SDK for JavaScript, version 2.
const { createInterface } = require('node:readline');
const AWS = require('aws-sdk');

async function main() {
	const sts = new AWS.STS({ endpoint: process.env.SERVER });
	for await (const line of createInterface({ input: process.stdin })) {
		const identity = await sts.getCallerIdentity().promise();
		console.log(identity.Arn);
	}
}

main();
