/** Messages of the service API as JSON documents, with every field, so that a script need not know which are left out where they are empty. */
import { toJson, type DescMessage, type JsonValue, type MessageShape } from '@bufbuild/protobuf'
import { timestampDate, type Timestamp } from '@bufbuild/protobuf/wkt'
import type { Position } from '../../services/proto/nodestead/v1/common_pb.ts'

export function jsonOf<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): JsonValue {
  return toJson(schema, message, { alwaysEmitImplicit: true })
}

/** The name of an enum's member, in small letters with spaces. */
export function wordOf(members: Readonly<Record<string, number>>, member: number): string {
  return (Object.entries(members).find(([, number]) => number === member)?.[0] ?? 'unknown').toLowerCase().replaceAll('_', ' ')
}

/** `2026-01-31T12:00:00.000Z`; empty where there is none. */
export function timeText(time: Timestamp | undefined): string {
  return time === undefined ? '' : timestampDate(time).toISOString()
}

/** `1042 0x…`; empty where there is none. */
export function positionText(position: Position | undefined): string {
  return position === undefined ? '' : `${position.number} ${position.hash}`
}

export function heightText(position: Position | undefined): string {
  return position === undefined ? '' : String(position.number)
}
