// Where the AWS SDK for JavaScript, version 3, would ask STS. Nothing is sent.
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

const sts = new STSClient({ credentials: { accessKeyId: 'A', secretAccessKey: 'S' } });
sts.middlewareStack.add(() => async ({ request: { protocol, hostname, port, path } }) => {
	console.log(`${protocol}//${hostname}${port ? `:${port}` : ''}${path.replace(/\/+$/, '')}`);
	process.exit(0);
}, { step: 'finalizeRequest', priority: 'low' });
await sts.send(new GetCallerIdentityCommand({}));
