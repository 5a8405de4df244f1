// Command echo is the other implementation that test/interop/echo.test.ts talks with: go-libp2p on loopback, over TCP, QUIC or a relay.
//
// It sends back what comes on streams of /interop/echo/1. It says what happens as one JSON object a line on standard output, and takes
// commands as lines on standard input:
//
//	connect MULTIADDR      dials a peer
//	reserve MULTIADDR      asks a relay for a place
//	echo PEER BYTES        pours so many bytes, and hears them come back: "echoed" with their number and the SHA-256 of both ways
//	cut PEER BYTES         pours so many bytes, hears the first come back, and resets the stream
//	hold PEER BYTES        pours so many bytes without reading, and waits for the end of the stream: "held" with the error
//	drop PEER              ends the connections with a peer
//	(end of input)         ends
//
// Commands run one after the other, except echo and hold.
package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
	quic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

const echoProtocol = "/interop/echo/1"

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

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// pattern is what is poured: bytes that tell where they belong.
type pattern struct{ at, end int }

func (p *pattern) Read(data []byte) (int, error) {
	if p.at == p.end {
		return 0, io.EOF
	}
	count := min(len(data), p.end-p.at)
	for i := range count {
		data[i] = byte((p.at + i) / 251)
	}
	p.at += count
	return count, nil
}

func main() {
	listen := flag.String("listen", "", "multiaddress to listen on; none where it is empty")
	flag.Parse()
	if err := run(*listen); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(listen string) error {
	options := []libp2p.Option{
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Transport(quic.NewTransport),
		libp2p.EnableRelay(),
		libp2p.ResourceManager(&network.NullResourceManager{}),
	}
	if listen == "" {
		options = append(options, libp2p.NoListenAddrs, libp2p.EnableRelay())
	} else {
		options = append(options, libp2p.ListenAddrStrings(listen))
	}
	node, err := libp2p.New(options...)
	if err != nil {
		return err
	}
	defer node.Close()
	node.SetStreamHandler(echoProtocol, func(stream network.Stream) {
		bytes, err := io.Copy(stream, stream)
		if err == nil {
			err = stream.CloseWrite()
		} else {
			stream.Reset()
		}
		say(map[string]any{"event": "served", "peer": stream.Conn().RemotePeer().String(), "bytes": bytes, "error": text(err)})
	})
	address := ""
	if len(node.Addrs()) > 0 {
		address = fmt.Sprintf("%s/p2p/%s", node.Addrs()[0], node.ID())
	}
	say(map[string]any{"event": "listening", "peer": node.ID().String(), "address": address})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if err := obey(node, strings.Fields(lines.Text())); err != nil {
			say(map[string]any{"event": "failed", "command": lines.Text(), "error": err.Error()})
		}
	}
	return lines.Err()
}

func obey(node host.Host, words []string) error {
	ctx := network.WithAllowLimitedConn(context.Background(), "echo")
	if words[0] == "connect" || words[0] == "reserve" {
		info, err := peer.AddrInfoFromString(words[1])
		if err != nil {
			return err
		}
		if err := node.Connect(ctx, *info); err != nil {
			return err
		}
		if words[0] == "reserve" {
			if _, err := client.Reserve(ctx, node, *info); err != nil {
				return err
			}
		}
		say(map[string]any{"event": map[string]string{"connect": "connected", "reserve": "reserved"}[words[0]], "peer": info.ID.String()})
		return nil
	}
	id, err := peer.Decode(words[1])
	if err != nil {
		return err
	}
	if words[0] == "drop" {
		return node.Network().ClosePeer(id)
	}
	bytes, err := strconv.Atoi(words[2])
	if err != nil {
		return err
	}
	stream, err := node.NewStream(ctx, id, echoProtocol)
	if err != nil {
		return err
	}
	switch words[0] {
	case "echo":
		go echo(stream, bytes)
	case "hold":
		go hold(stream, bytes)
	case "cut":
		if _, err := io.Copy(stream, &pattern{end: bytes}); err != nil {
			return err
		}
		// A reset overtakes what is under way: the other side is to have the stream.
		if _, err := io.ReadFull(stream, make([]byte, 1)); err != nil {
			return err
		}
		return stream.Reset()
	}
	return nil
}

func echo(stream network.Stream, bytes int) {
	sent, heard := sha256.New(), sha256.New()
	poured := make(chan error, 1)
	go func() {
		_, err := io.Copy(stream, io.TeeReader(&pattern{end: bytes}, sent))
		if err == nil {
			err = stream.CloseWrite()
		}
		poured <- err
	}()
	count, err := io.Copy(heard, stream)
	if err == nil {
		err = <-poured
	}
	say(map[string]any{
		"event": "echoed",
		"bytes": count,
		"same":  hex.EncodeToString(sent.Sum(nil)) == hex.EncodeToString(heard.Sum(nil)),
		"error": text(err),
	})
	stream.Close()
}

func hold(stream network.Stream, bytes int) {
	_, err := io.Copy(stream, &pattern{end: bytes})
	if err == nil {
		_, err = io.Copy(io.Discard, stream)
	}
	say(map[string]any{"event": "held", "error": text(err)})
}
