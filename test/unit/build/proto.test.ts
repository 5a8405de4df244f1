/** The TypeScript of .proto files is what they make, and keeps to what others rely on. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generateProto, PROTO_ROOTS } from '../../../build/proto.ts'
import { ROOT } from '../../../build/terminal.ts'
import { ConnManagerRequest_Type, DHTRequest_Type, DHTResponse_Type, file_p2pd, PSRequest_Type, Request_Type } from '../../../node-core/net/ipc/daemon/p2pd_pb.ts'

it('what is committed is what the .proto files make: after a change, node build/proto.ts', async () => {
  const made = await generateProto()
  const sources = PROTO_ROOTS.flatMap((root) => globSync('**/*.proto', { cwd: join(ROOT, root) }).map((file) => `${root}/${file.replaceAll('\\', '/')}`))
  expect([...made.keys()].toSorted()).toEqual(sources.map((path) => path.replace(/\.proto$/, '_pb.ts')).toSorted())
  for (const [path, text] of made) expect(readFileSync(join(ROOT, path), 'utf8'), path).toBe(text)
}, 120_000)

it('there is no generated file without a source', () => {
  for (const path of globSync('node-core/**/*_pb.ts', { cwd: ROOT })) expect(existsSync(join(ROOT, path.replace(/_pb\.ts$/, '.proto'))), path).toBe(true)
})

describe('the numbers of the daemon’s protocol', () => {
  it('of fields', () => {
    const fields = Object.fromEntries(file_p2pd.messages.map(({ name, fields }) => [name, fields.map((field) => `${field.number} ${field.name}`).join(', ')]))
    expect(fields).toMatchObject({
      Request: '1 type, 2 connect, 3 streamOpen, 4 streamHandler, 5 dht, 6 connManager, 7 disconnect, 8 pubsub, 9 peerStore, 1000 hello',
      Response: '1 type, 2 error, 3 streamInfo, 4 identify, 5 dht, 6 peers, 7 pubsub, 8 peerStore, 1000 welcome',
      StreamOpenRequest: '1 peer, 2 proto, 3 timeout',
      StreamHandlerRequest: '1 addr, 2 proto',
      StreamInfo: '1 peer, 2 addr, 3 proto',
      DHTRequest: '1 type, 2 peer, 3 cid, 4 key, 5 value, 6 count, 7 timeout',
      PSMessage: '1 from, 2 data, 3 seqno, 4 topicIDs, 5 signature, 6 key',
    })
  })

  it('of requests', () => {
    expect(Object.entries(Request_Type).filter(([, number]) => typeof number === 'number' && number < 1000)).toHaveLength(10)
    expect([Request_Type.PUBSUB, Request_Type.PEERSTORE, Request_Type.HELLO, Request_Type.SESSION]).toEqual([8, 9, 1000, 1001])
    expect([DHTRequest_Type.PROVIDE, DHTResponse_Type.END, ConnManagerRequest_Type.TRIM, PSRequest_Type.SUBSCRIBE]).toEqual([8, 2, 2, 3])
  })
})
