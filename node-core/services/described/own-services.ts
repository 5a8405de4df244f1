/** The services of our own: what the OpenAPI document describes, and what a program may call by name. */
import type { DescService } from '@bufbuild/protobuf'
import { Account } from '../proto/nodestead/v1/account_pb.ts'
import { Admin } from '../proto/nodestead/v1/admin_pb.ts'
import { Chain } from '../proto/nodestead/v1/chain_pb.ts'
import { Channels } from '../proto/nodestead/v1/channels_pb.ts'
import { Metrics } from '../proto/nodestead/v1/metrics_pb.ts'
import { Network } from '../proto/nodestead/v1/network_pb.ts'
import { Node } from '../proto/nodestead/v1/node_pb.ts'
import { Peers } from '../proto/nodestead/v1/peers_pb.ts'
import { Resources } from '../proto/nodestead/v1/resources_pb.ts'
import { Topics } from '../proto/nodestead/v1/topics_pb.ts'
import { Transaction } from '../proto/nodestead/v1/transaction_pb.ts'

export const SERVICES: readonly DescService[] = [Node, Chain, Account, Transaction, Network, Peers, Topics, Channels, Resources, Metrics, Admin]
