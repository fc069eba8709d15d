// Runs every check for every form of connect-go's client. Usage: e2e URL
package main

import (
	"fmt"
	"os"
	"strings"

	"connectrpc.com/connect"
)

// A form of the client: its options, and how they must look on the wire.
type form struct {
	name        string
	options     []connect.ClientOption
	contentType string
	compressed  bool
}

var forms = []form{
	{"default", nil, "application/proto", false},
	{"gzip", []connect.ClientOption{connect.WithSendGzip()}, "application/proto", true},
	{"json", []connect.ClientOption{connect.WithProtoJSON()}, "application/json", false},
	{"json gzip", []connect.ClientOption{connect.WithProtoJSON(), connect.WithSendGzip()},
		"application/json", true},
	{"grpc-web", []connect.ClientOption{connect.WithGRPCWeb()}, "application/grpc-web+proto", false},
	{"grpc-web json gzip",
		[]connect.ClientOption{connect.WithGRPCWeb(), connect.WithProtoJSON(), connect.WithSendGzip()},
		"application/grpc-web+json", true},
}

var failed = false

// Prints one line for each check; script/e2e counts them.
func check(name string, body func() error) {
	if err := body(); err != nil {
		fmt.Printf("FAILED go %s: %s\n", name, strings.Join(strings.Fields(err.Error()), " "))
		failed = true
		return
	}
	fmt.Printf("ok go %s\n", name)
}

func main() {
	url := os.Args[1]
	for _, f := range forms {
		client, wire := newClient(url, f.options...)
		check(f.name+": create, issue, get, list, delete", func() error { return campaign(client, f) })
		check(f.name+": the form on the wire", func() error { return onTheWire(wire, f) })
		check(f.name+": an error with its details", func() error { return errorDetails(client, f) })
		check(f.name+": a watched campaign that sells out", func() error { return sellOut(client, f) })
		check(f.name+": a watched campaign that is deleted", func() error { return remove(client, f) })
		check(f.name+": a stream whose caller disconnects", func() error { return giveUp(client, f) })
		check(f.name+": a stream past its deadline", func() error { return deadline(client, f) })
	}
	check("methods without side effects use GET", func() error { return useGet(url) })
	if failed {
		os.Exit(1)
	}
}
