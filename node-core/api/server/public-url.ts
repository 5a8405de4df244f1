/** Where a reverse proxy shows the dashboard to browsers. */
import { NodeError } from '../../base/errors.ts'
import { readPublicUrl, type PublicUrl } from '../../web/public-url.ts'

export type PublicUrlErrorCode = 'DASHBOARD_PUBLIC_URL_INVALID'

/** Throws a NodeError {@link PublicUrlErrorCode}. */
export function parsePublicUrl(text: string): PublicUrl {
  const url = readPublicUrl(text)
  if (url !== undefined) return url
  throw new NodeError<PublicUrlErrorCode>('DASHBOARD_PUBLIC_URL_INVALID', 'This is no address under which a proxy could show the dashboard: it needs a scheme, a host and perhaps a path, and nothing else.', {
    hint: 'Write it as browsers see it: --dashboard-public-url https://ops.example/node/',
  })
}
