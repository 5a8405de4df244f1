/** Certificates for `localhost` that vouch for themselves, made here: DER by hand (RFC 5280), signed with a new key of P-256. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const head = length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(head), body])
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'))
const pem = (bytes: Buffer): string => `-----BEGIN CERTIFICATE-----\n${(bytes.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`

/** `cert` and `key` in PEM. `name` tells one from another. */
export function madeCertificate(name = 'localhost'): { readonly cert: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const named = sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))))
  const validity = sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')))
  const names = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])))
  const extensions = der(0xa3, sequence(sequence(oid('551d11'), der(0x04, names)), sequence(oid('551d13'), der(0x04, sequence(der(0x01, Buffer.from([0xff])))))))
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)])
  const body = sequence(der(0xa0, der(0x02, Buffer.from([2]))), der(0x02, serial), ECDSA_WITH_SHA256, named, validity, named, publicKey.export({ type: 'spki', format: 'der' }), extensions)
  const signature = sign('sha256', body, privateKey)
  return { cert: pem(sequence(body, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature))), key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string }
}
