/** `npm run texts`: every text of the app in one document, three languages side by side, into out/texts.html. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { appTexts, LANGUAGES, type AppText } from './catalogs.ts'
import { main, OUT, say } from '../terminal.ts'

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th, td { border: 1px solid #8884; padding: .35rem .6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; white-space: pre-line }
thead th { position: sticky; top: 0; background: Canvas }
col.key { width: 19% }
td:first-child { font: 12px/1.6 ui-monospace, monospace; color: #888 }
p { margin: 0 0 .3rem }
`

/** One table for each part of the app. */
export function document(texts: readonly AppText[]): string {
  const parts = Map.groupBy(texts, ({ path }) => path.split('/')[0] ?? '')
  const tables = [...parts].map(([part, list]) => {
    const rows = list.map(({ path, texts }) => `<tr><td>${escaped(path.slice(part.length + 1))}</td>${LANGUAGES.map((language) => `<td lang="${language}">${texts[language].map((text) => `<p>${escaped(text)}</p>`).join('')}</td>`).join('')}</tr>`)
    return `<h2>${escaped(part)}</h2>\n<table><colgroup><col class="key"><col><col><col></colgroup><thead><tr><th>Key</th>${LANGUAGES.map((language) => `<th>${language}</th>`).join('')}</tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody></table>`
  })
  return `<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Texts of Nodestead</title><style>${STYLE}</style>\n<h1>Texts of Nodestead</h1>\n<p>${texts.length} messages in ${LANGUAGES.length} languages. Those that take values are shown with samples.</p>\n${tables.join('\n')}\n</html>\n`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

if (import.meta.main) {
  main(async () => {
    const file = join(OUT, 'texts.html')
    await mkdir(OUT, { recursive: true })
    const texts = appTexts()
    await writeFile(file, document(texts))
    say(`${texts.length} texts in ${file}`)
  })
}
