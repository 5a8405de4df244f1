// Command gossip is the other implementation of gossipsub that test/interop/gossipsub.test.ts meshes with: go-libp2p with
// go-libp2p-pubsub, one topic, TCP on loopback.
//
// It says what happens as one JSON object a line on standard output, and takes commands as lines on standard input:
//
//	connect MULTIADDR   dials a peer
//	publish BASE64      publishes a message on the topic
//	(end of input)      ends
//
// A message whose first byte is '!' is rejected by its validator, one whose first byte is '?' is ignored.
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

var output sync.Mutex

func say(event map[string]any) {
	output.Lock()
	defer output.Unlock()
	line, err := json.Marshal(event)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}

// tracer tells of the mesh and of what was refused.
type tracer struct{}

func (tracer) OnNewOutboundStream(p peer.ID, proto protocol.ID) {
	say(map[string]any{"event": "peer", "peer": p.String(), "protocol": string(proto)})
}
func (tracer) Graft(p peer.ID, topic string) {
	say(map[string]any{"event": "graft", "peer": p.String(), "topic": topic})
}
func (tracer) RejectMessage(msg *pubsub.Message, reason string) {
	say(map[string]any{"event": "refused", "peer": msg.ReceivedFrom.String(), "reason": reason, "data": base64.StdEncoding.EncodeToString(msg.Data)})
}
func (tracer) OnClosedOutboundStream(peer.ID)                       {}
func (tracer) Join(string)                                          {}
func (tracer) Leave(string)                                         {}
func (tracer) Prune(peer.ID, string)                                {}
func (tracer) ValidateMessage(*pubsub.Message)                      {}
func (tracer) DeliverMessage(*pubsub.Message)                       {}
func (tracer) DuplicateMessage(*pubsub.Message)                     {}
func (tracer) ThrottlePeer(peer.ID)                                 {}
func (tracer) RecvRPC(*pubsub.RPC)                                  {}
func (tracer) SendRPC(*pubsub.RPC, peer.ID)                         {}
func (tracer) SendRPCCompleted(*pubsub.RPC, peer.ID, time.Duration) {}
func (tracer) DropRPC(*pubsub.RPC, peer.ID)                         {}
func (tracer) UndeliverableMessage(*pubsub.Message)                 {}

func main() {
	topicName := flag.String("topic", "", "the topic")
	maxBytes := flag.Int("max", 1<<20, "longest message, in bytes")
	flag.Parse()
	if err := run(*topicName, *maxBytes); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(topicName string, maxBytes int) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	node, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.Transport(tcp.NewTCPTransport), libp2p.DisableRelay())
	if err != nil {
		return err
	}
	defer node.Close()
	options := []pubsub.Option{pubsub.WithMessageSignaturePolicy(pubsub.StrictSign), pubsub.WithMaxMessageSize(maxBytes), pubsub.WithRawTracer(tracer{})}
	service, err := pubsub.NewGossipSub(ctx, node, options...)
	if err != nil {
		return err
	}
	if err := service.RegisterTopicValidator(topicName, func(_ context.Context, _ peer.ID, message *pubsub.Message) pubsub.ValidationResult {
		switch {
		case strings.HasPrefix(string(message.Data), "!"):
			return pubsub.ValidationReject
		case strings.HasPrefix(string(message.Data), "?"):
			return pubsub.ValidationIgnore
		}
		return pubsub.ValidationAccept
	}); err != nil {
		return err
	}
	topic, err := service.Join(topicName)
	if err != nil {
		return err
	}
	subscription, err := topic.Subscribe()
	if err != nil {
		return err
	}
	go listen(ctx, node, subscription)
	say(map[string]any{"event": "listening", "peer": node.ID().String(), "address": fmt.Sprintf("%s/p2p/%s", node.Addrs()[0], node.ID())})
	return obey(ctx, node, topic)
}

func listen(ctx context.Context, node host.Host, subscription *pubsub.Subscription) {
	for {
		message, err := subscription.Next(ctx)
		if err != nil {
			return
		}
		if message.ReceivedFrom == node.ID() {
			continue
		}
		say(map[string]any{
			"event":  "message",
			"from":   message.GetFrom().String(),
			"signed": len(message.GetSignature()) > 0,
			"bytes":  len(message.Data),
			"data":   base64.StdEncoding.EncodeToString(message.Data),
		})
	}
}

func obey(ctx context.Context, node host.Host, topic *pubsub.Topic) error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		command, argument, _ := strings.Cut(lines.Text(), " ")
		switch command {
		case "connect":
			info, err := peer.AddrInfoFromString(argument)
			if err != nil {
				return err
			}
			if err := node.Connect(ctx, *info); err != nil {
				return err
			}
		case "publish":
			data, err := base64.StdEncoding.DecodeString(argument)
			if err != nil {
				return err
			}
			// A message that the node's own validator refuses is told of by the tracer.
			if err := topic.Publish(ctx, data); err != nil {
				say(map[string]any{"event": "unpublished", "reason": err.Error()})
			}
		}
	}
	return lines.Err()
}
