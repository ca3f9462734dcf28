// For each line on stdin: asks STS who it is, and prints the ARN. The AWS SDK for Go, version 1.
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/sts"
)

func main() {
	config := aws.Config{Endpoint: aws.String(os.Getenv("SERVER"))}
	client := sts.New(session.Must(session.NewSession(&config)))
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		identity, err := client.GetCallerIdentity(&sts.GetCallerIdentityInput{})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(*identity.Arn)
	}
}
