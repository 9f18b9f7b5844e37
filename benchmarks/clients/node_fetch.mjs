// A loop with fetch, as Node has it: node node_fetch.mjs URL

const headers = JSON.parse(process.env.BROADCAST_HEADERS)
let token = ''
do {
  const url = new URL(process.argv[2])
  if (token) url.searchParams.set('next', token)
  const response = await fetch(url, { headers })
  if (!response.ok) throw new Error(`status ${response.status}`)
  const page = await response.json()
  for (const row of page.list) console.log(JSON.stringify(row))
  token = page.next
} while (token)
