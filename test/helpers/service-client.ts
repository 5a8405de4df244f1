/** Clients of the service API by each of its protocols, as other programs are, and a service to talk to. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Interceptor, Transport } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node'
import { FakeClock } from '../../node-core/base/clock.ts'
import { createLogger, type LogRecord } from '../../node-core/base/logger.ts'
import type { ServiceLimits } from '../../node-core/services/limits.ts'
import { ServiceApi, type ServiceApiDependencies } from '../../node-core/services/service-api.ts'
import { FakeManager } from './fake-manager.ts'

export const PROTOCOLS = ['gRPC', 'gRPC-web', 'Connect', 'Connect JSON'] as const
export type Protocol = (typeof PROTOCOLS)[number]

/** By a client of that protocol; `token` is what it says. */
export function transportOf(protocol: Protocol, baseUrl: string, token: string | undefined): Transport {
  const authorize: Interceptor = (next) => (request) => {
    if (token !== undefined) request.header.set('authorization', `Bearer ${token}`)
    return next(request)
  }
  const interceptors = [authorize]
  switch (protocol) {
    case 'gRPC':
      return createGrpcTransport({ baseUrl, interceptors })
    case 'gRPC-web':
      return createGrpcWebTransport({ baseUrl, httpVersion: '1.1', interceptors })
    case 'Connect':
      return createConnectTransport({ baseUrl, httpVersion: '2', useBinaryFormat: true, interceptors })
    case 'Connect JSON':
      return createConnectTransport({ baseUrl, httpVersion: '1.1', useBinaryFormat: false, interceptors })
  }
}

/** A token that everything is allowed to. */
export const TOKEN = 'a'.repeat(43)
const START_MS = 1_750_000_000_000

export class TestService {
  readonly api: ServiceApi
  readonly manager: FakeManager
  readonly clock: FakeClock
  readonly logs: readonly LogRecord[]
  readonly folder: string

  static async start(options: { readonly limits?: Partial<ServiceLimits>; readonly dependencies?: Partial<ServiceApiDependencies> } = {}): Promise<TestService> {
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-services-'))
    const service = new TestService(folder, options)
    await service.api.start()
    return service
  }

  private constructor(folder: string, { limits, dependencies }: { readonly limits?: Partial<ServiceLimits>; readonly dependencies?: Partial<ServiceApiDependencies> }) {
    const logs: LogRecord[] = []
    this.folder = folder
    this.logs = logs
    this.clock = new FakeClock(START_MS)
    this.manager = new FakeManager({ clock: this.clock })
    const program = { name: 'Nodestead', version: '0.0.0', host: 'headless', platform: 'linux' } as const
    this.api = new ServiceApi(
      { manager: this.manager, program, logger: createLogger([(record) => logs.push(record)]), clock: this.clock, ...dependencies },
      { port: 0, folder, token: TOKEN, ...(limits === undefined ? {} : { limits }) },
    )
  }

  transport(protocol: Protocol = 'gRPC', token: string | undefined = TOKEN): Transport {
    return transportOf(protocol, this.api.address, token)
  }

  async stop(): Promise<void> {
    await this.api.stop()
    await this.manager.stopAll()
    await rm(this.folder, { recursive: true, force: true })
  }
}
