/**
 * Methods of the service API, as a gateway sees them: what reads a chain and hands in transactions is served, what reads of the node itself may be added, and
 * what controls or administers it never is. The scope that a method has in its .proto file decides, so a new one is in the right list by itself.
 */
import { getOption, hasOption, type DescMethod, type DescService } from '@bufbuild/protobuf'
import { Health } from '../../services/proto/grpc/health/v1/health_pb.ts'
import { Account } from '../../services/proto/nodestead/v1/account_pb.ts'
import { Admin } from '../../services/proto/nodestead/v1/admin_pb.ts'
import { Chain } from '../../services/proto/nodestead/v1/chain_pb.ts'
import { Channels } from '../../services/proto/nodestead/v1/channels_pb.ts'
import { Metrics } from '../../services/proto/nodestead/v1/metrics_pb.ts'
import { Network } from '../../services/proto/nodestead/v1/network_pb.ts'
import { Node } from '../../services/proto/nodestead/v1/node_pb.ts'
import { Peers } from '../../services/proto/nodestead/v1/peers_pb.ts'
import { Resources } from '../../services/proto/nodestead/v1/resources_pb.ts'
import { scope, Scope } from '../../services/proto/nodestead/v1/rights_pb.ts'
import { Topics } from '../../services/proto/nodestead/v1/topics_pb.ts'
import { Transaction } from '../../services/proto/nodestead/v1/transaction_pb.ts'
import type { KnownMethods } from './chosen.ts'

const SERVICES: readonly DescService[] = [Node, Chain, Account, Transaction, Network, Peers, Topics, Channels, Resources, Metrics, Admin]
/** All of what they read and take; of the account's, not the list of the node's keys. */
const USUAL: readonly string[] = ['nodestead.v1.Chain/', 'nodestead.v1.Transaction/', 'nodestead.v1.Account/Balance', 'nodestead.v1.Account/Nonce', 'grpc.health.v1.Health/Check']

const methods: readonly (readonly [name: string, method: DescMethod])[] = SERVICES.flatMap((service) => service.methods.map((method) => [`${service.typeName}/${method.name}`, method] as const))

function mayBeServed(method: DescMethod): boolean {
  const wanted = hasOption(method, scope) ? getOption(method, scope) : Scope.ADMIN
  return (wanted === Scope.READ || wanted === Scope.SUBMIT) && method.methodKind !== 'client_streaming' && method.methodKind !== 'bidi_streaming'
}

const isUsual = (name: string): boolean => USUAL.some((part) => (part.endsWith('/') ? name.startsWith(part) : name === part))
const served: readonly string[] = [...methods.filter(([, method]) => mayBeServed(method)).map(([name]) => name), `${Health.typeName}/Check`]

export const SERVICE_METHODS: KnownMethods = {
  usual: served.filter(isUsual),
  further: served.filter((name) => !isUsual(name)),
  refused: Object.fromEntries(methods.filter(([, method]) => !mayBeServed(method)).map(([name]) => [name, 'it controls or administers the node'])),
}

/** Those whose answers are streams. */
export const STREAMING_METHODS: ReadonlySet<string> = new Set(methods.filter(([, { methodKind }]) => methodKind === 'server_streaming').map(([name]) => name))
