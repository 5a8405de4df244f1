// What the Go client of go-libp2p-daemon, as it is, asks of a node's socket. Arguments: the socket, the other peer's id and address. One JSON
// object on standard output.
package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p-daemon/p2pclient"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	mh "github.com/multiformats/go-multihash"
)

const transfer = 100 << 20

var said = map[string]any{}

func check(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func unix(path string) ma.Multiaddr {
	address, err := ma.NewComponent("unix", path)
	check(err, "the address of a socket")
	return address
}

func digestOf(from io.Reader) (string, int64) {
	hash := sha256.New()
	count, err := io.Copy(hash, from)
	check(err, "reading a stream")
	return hex.EncodeToString(hash.Sum(nil)), count
}

func main() {
	control, peerText, address := os.Args[1], os.Args[2], os.Args[3]
	other, err := peer.Decode(peerText)
	check(err, "the peer's id")
	full, err := ma.NewMultiaddr(address)
	check(err, "the peer's address")
	info, err := peer.AddrInfoFromP2pAddr(full)
	check(err, "the peer's address")

	folder, err := os.MkdirTemp("", "p2pclient")
	check(err, "a folder")
	defer os.RemoveAll(folder)
	client, err := p2pclient.NewClient(unix(control), unix(filepath.Join(folder, "client.sock")))
	check(err, "the client")
	defer client.Close()

	own, addresses, err := client.Identify()
	check(err, "identify")
	said["id"] = own.String()
	said["addresses"] = fmt.Sprint(addresses)
	check(client.Connect(other, info.Addrs), "connect")

	// A stream to the peer, which sends back what it gets.
	streamInfo, stream, err := client.NewStream(other, []string{"/unknown/1", "/echo/1"})
	check(err, "opening a stream")
	said["opened"] = []string{streamInfo.Peer.String(), streamInfo.Addr.String(), streamInfo.Proto}
	sent := make(chan string)
	go func() {
		hash := sha256.New()
		_, err := io.CopyN(io.MultiWriter(stream, hash), rand.Reader, transfer)
		check(err, "writing a stream")
		sent <- hex.EncodeToString(hash.Sum(nil))
	}()
	back := sha256.New()
	count, err := io.CopyN(back, stream, transfer)
	check(err, "reading a stream")
	said["echo"] = map[string]any{"same": hex.EncodeToString(back.Sum(nil)) == <-sent, "bytes": count}
	check(stream.Close(), "closing a stream")

	// A stream from the peer.
	handled := make(chan string, 1)
	check(client.NewStreamHandler([]string{"/take/1"}, func(info *p2pclient.StreamInfo, stream io.ReadWriteCloser) {
		digest, count := digestOf(stream)
		said["handled"] = map[string]any{"peer": info.Peer.String(), "protocol": info.Proto, "bytes": count}
		_, err := stream.Write([]byte(digest))
		check(err, "answering a stream")
		check(stream.Close(), "closing a stream")
		handled <- digest
	}), "handling a protocol")
	// The peer opens one when it is asked to, which the client waits for: its request has no answer that it reads.
	var ask io.ReadWriteCloser
	_, ask, err = client.NewStream(other, []string{"/open-to-me/1"})
	check(err, "asking the peer")
	_, err = ask.Write([]byte("/take/1\n"))
	check(err, "asking the peer")
	select {
	case digest := <-handled:
		answer := make([]byte, len(digest))
		_, err := io.ReadFull(ask, answer)
		check(err, "the peer's answer")
		said["answered"] = string(answer) == digest
	case <-time.After(time.Minute):
		check(fmt.Errorf("nothing came"), "a stream from the peer")
	}

	// The routing table.
	found, err := client.FindPeer(other)
	check(err, "find peer")
	said["found"] = fmt.Sprint(found.Addrs)
	check(client.PutValue([]byte("/v/greeting"), []byte("hello")), "put value")
	value, err := client.GetValue([]byte("/v/greeting"))
	check(err, "get value")
	said["value"] = string(value)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	values, err := client.SearchValue(ctx, []byte("/v/greeting"))
	check(err, "search value")
	for value := range values {
		said["searched"] = string(value)
	}
	hash, err := mh.Sum([]byte("a thing"), mh.SHA2_256, -1)
	check(err, "a hash")
	thing := cid.NewCidV1(cid.Raw, hash)
	check(client.Provide(thing), "provide")
	providers, err := client.FindProviders(ctx, thing)
	check(err, "find providers")
	all := []string{}
	for provider := range providers {
		all = append(all, provider.ID.String())
	}
	said["providers"] = all
	closest, err := client.GetClosestPeers(ctx, []byte("near what"))
	check(err, "closest peers")
	near := []string{}
	for id := range closest {
		near = append(near, id.String())
	}
	said["closest"] = near
	key, err := client.GetPublicKey(other)
	check(err, "public key")
	said["key"] = other.MatchesPublicKey(key)

	// Topics.
	messages, err := client.Subscribe(ctx, "news")
	check(err, "subscribe")
	topics, err := client.GetTopics()
	check(err, "topics")
	said["topics"] = topics
	for listening := false; !listening; time.Sleep(50 * time.Millisecond) {
		peers, err := client.ListPeers()
		check(err, "peers of topics")
		for _, id := range peers {
			listening = listening || id == other
		}
		check(ctx.Err(), "waiting for the peer to listen")
	}
	check(client.Publish("news", []byte("from go")), "publish")
	message := <-messages
	from, err := peer.IDFromBytes(message.GetFrom())
	check(err, "the author of a message")
	said["heard"] = []string{from.String(), string(message.GetData()), message.GetTopicIDs()[0]}

	text, err := json.Marshal(said)
	check(err, "the answer")
	fmt.Println(string(text))
}
