# For each line on stdin: asks STS who it is, and prints the ARN. The AWS SDK for Ruby, version 3.
require 'aws-sdk-core'

$stdout.sync = true
sts = Aws::STS::Client.new(endpoint: ENV.fetch('SERVER'), ssl_ca_bundle: ENV.fetch('SERVER_CA'))
$stdin.each_line { puts sts.get_caller_identity.arn }
