/**
 * Runs a program in a network namespace although who drives it is outside: what the program says it listens at on
 * loopback (`… listening on ws://127.0.0.1:<port>/…`) is carried to a port outside, and said with that one.
 *
 * Run: `node test/helpers/in-namespace.ts <namespace> <path of a socket> <command> <arguments…>`
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

const [namespace = '', socketPath = '', ...command] = process.argv.slice(2)

if (command.length === 0) await relay(socketPath)
else await run()

async function run(): Promise<void> {
  const inside = (...args: string[]): string[] => ['netns', 'exec', namespace, ...args]
  // A socket in the file system leads into the namespace: this program once more is its other end.
  const other = spawn('ip', inside(process.execPath, import.meta.filename, namespace, socketPath), { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(other.stdout, 'data')
  const child = spawn('ip', inside(...command), { stdio: ['ignore', 'inherit', 'pipe'] })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  child.once('exit', (code) => {
    other.kill()
    process.exit(code ?? 1)
  })
  for await (const line of createInterface(child.stderr)) {
    const port = / listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(line)?.[1]
    process.stderr.write(`${port === undefined ? line : line.replace(`:${port}/`, `:${await carry(port)}/`)}\n`)
  }
}

/** A port outside that leads to this one inside. */
async function carry(port: string): Promise<number> {
  const server = await listening(createServer((from) => {
    const to = connect(socketPath)
    to.write(`${port}\n`)
    join(from, to)
  }).listen(0, '127.0.0.1'))
  return (server.address() as AddressInfo).port
}

/** Inside: the first line of a connection says to which port it goes. */
async function relay(path: string): Promise<void> {
  await listening(createServer((from) => {
    from.once('data', (chunk) => {
      const end = chunk.indexOf(0x0a)
      const to = connect(Number(chunk.subarray(0, end)), '127.0.0.1')
      to.write(chunk.subarray(end + 1))
      join(from, to)
    })
  }).listen(path))
  process.stdout.write('ready\n')
}

function join(a: Socket, b: Socket): void {
  for (const [from, to] of [[a, b], [b, a]] as const) {
    from.pipe(to)
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
  }
}

async function listening(server: Server): Promise<Server> {
  await once(server, 'listening')
  return server
}
