package main

import (
	"fmt"
	"net/http"
	"sync"

	"connectrpc.com/connect"

	"coupond/e2e/gen/couponv1/couponv1connect"
)

// A recorder records what goes over the wire.
type recorder struct {
	mutex     sync.Mutex
	exchanges []exchange
}

// An exchange is a request and the head of its answer.
type exchange struct {
	method, path, contentType string
	sentEncoding, gotEncoding string
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.exchanges = append(r.exchanges, exchange{
		method:       request.Method,
		path:         request.URL.Path,
		contentType:  request.Header.Get("Content-Type"),
		sentEncoding: request.Header.Get("Content-Encoding") + request.Header.Get("Grpc-Encoding"),
		gotEncoding:  response.Header.Get("Content-Encoding") + response.Header.Get("Grpc-Encoding"),
	})
	return response, nil
}

func newClient(url string, options ...connect.ClientOption) (couponv1connect.CouponServiceClient, *recorder) {
	wire := &recorder{}
	return couponv1connect.NewCouponServiceClient(&http.Client{Transport: wire}, url, options...), wire
}

// onTheWire checks that the form was really used. By default the client accepts gzip but does not send
// it.
func onTheWire(wire *recorder, f form) error {
	answered := false
	for _, e := range wire.exchanges {
		if e.method != http.MethodPost || e.contentType != f.contentType || (e.sentEncoding == "gzip") != f.compressed {
			return fmt.Errorf("it sent %+v", e)
		}
		answered = answered || e.gotEncoding == "gzip"
	}
	if !answered {
		return fmt.Errorf("none of the %d answers was compressed", len(wire.exchanges))
	}
	return nil
}
