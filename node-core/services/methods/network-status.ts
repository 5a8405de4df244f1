/** A network's status as the service API says it. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import { isOfKind } from '../../manager/kinds/table.ts'
import type { NetworkSummary, NodeState as State, NodeManagerView } from '../../manager/types.ts'
import { timeOf } from '../context.ts'
import { NodeState, type NetworkStatusSchema } from '../proto/nodestead/v1/node_pb.ts'

const STATES: Readonly<Record<State, NodeState>> = {
  stopped: NodeState.STOPPED,
  starting: NodeState.STARTING,
  running: NodeState.RUNNING,
  stopping: NodeState.STOPPING,
  failed: NodeState.FAILED,
}

export function networkStatus(manager: NodeManagerView, { id, name, kind, status }: NetworkSummary): MessageInitShape<typeof NetworkStatusSchema> {
  const { state, failure, chainName, newest, settled, peers, startedAt, catchingUp, producing, dataPath, details } = status
  const node = manager.node(id)
  const joining = node !== undefined && isOfKind(node, 'chain') ? node.joining.status() : undefined
  return {
    network: id, name, kind, chainName, peers, producing,
    state: STATES[state],
    failure: failure && { code: failure.code, message: failure.message, hint: failure.hint ?? '' },
    newest, settled,
    startedAt: timeOf(startedAt),
    catchingUp: catchingUp && { highest: catchingUp.highest, ...(catchingUp.msLeft === undefined ? {} : { msLeft: BigInt(Math.round(catchingUp.msLeft)) }) },
    dataPath: dataPath ?? '',
    genesisHash: details?.genesisHash ?? '',
    rpcAddress: details?.rpcAddress ?? '',
    joining: joining?.stage ?? '',
    troubles: manager.troubles(id).map(({ code, severity, actions }) => ({ code, severe: severity === 'trouble', actions: [...actions] })),
  }
}
