// Plays the clients from npm against a practice world: `play.mjs WORLD.json NPM-FOLDER`, one line of JSON for each call.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

const world = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const folder = resolve(process.argv[3])
const load = createRequire(join(folder, 'package.json'))
const version = (name) => JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version

const shown = (got) => (Array.isArray(got) ? `${got.length} of them` : typeof got === 'object' ? Object.keys(got ?? {}).join(', ') : String(got))

function table(client) {
  const row = (call, got, ok) =>
    console.log(JSON.stringify({ client: `${client} ${version(client)}`, call, got: got.replace(/\s+/g, ' ').slice(0, 160), ok }))
  return {
    // Calls something, and says whether what came back is as it should be.
    async calls(call, act, holds) {
      try {
        const got = await act()
        row(call, shown(got), Boolean(holds(got)))
      } catch (error) {
        row(call, String(error), false)
      }
    },
    // Calls something that has to be refused in the client's own words.
    async refuses(call, act, holds) {
      try {
        row(call, shown(await act()), false)
      } catch (error) {
        row(call, [error.message, error.body].filter(Boolean).join(': '), Boolean(holds(error)))
      }
    },
  }
}

async function slack() {
  const { IncomingWebhook } = load('@slack/webhook')
  const it = table('@slack/webhook')
  const { webhook_url: url, archived_webhook_url: archived } = world.slack
  const hook = new IncomingWebhook(url)
  const block = { type: 'section', text: { type: 'mrkdwn', text: 'I intend to publish.' } }
  await it.calls('send, a text', () => hook.send('I intend to publish.'), (got) => got.text === 'ok')
  await it.calls('send, blocks', () => hook.send({ text: 'I intend to publish.', blocks: [block] }), (got) => got.text === 'ok')
  const says = (status, word) => (error) => error.statusCode === status && error.body === word
  await it.refuses('send, no text', () => hook.send({}), says(400, 'no_text'))
  await it.refuses('send, no blocks in blocks', () => hook.send({ text: 'x', blocks: [] }), says(400, 'invalid_blocks'))
  const attachments = Array.from({ length: 101 }, () => ({ text: 'x' }))
  await it.refuses('send, 101 attachments', () => hook.send({ attachments }), says(400, 'too_many_attachments'))
  const changed = (from, to) => new IncomingWebhook(url.replace(from, to))
  const parts = new URL(url).pathname.split('/')
  await it.refuses('send, a wrong secret', () => changed(parts.at(-1), 'wrong').send('x'), says(403, 'invalid_token'))
  await it.refuses('send, no such hook', () => changed(parts.at(-2), 'B0NOTHING').send('x'), says(404, 'no_service'))
  await it.refuses('send, no such team', () => changed(parts.at(-3), 'TNOTHING').send('x'), says(404, 'no_team'))
  await it.refuses('send, an archived channel', () => new IncomingWebhook(archived).send('x'), says(410, 'channel_is_archived'))
  const raw = { method: 'POST', headers: { 'content-type': 'application/json' }, body: 'I intend' }
  const plain = async () => (await fetch(url, raw)).text()
  await it.calls('what is no JSON, sent beside the client', plain, (word) => word === 'invalid_payload')
}

async function zendesk() {
  const { createClient } = load('node-zendesk')
  const it = table('node-zendesk')
  const { url, email, token } = world.zendesk
  const options = { username: email, token, endpointUri: `${url}/api/v2` }
  const client = createClient(options)
  const search = 'type:ticket status:new'
  const all = await client.tickets.list()
  await it.calls('users.me', () => client.users.me(), (got) => got.result.email === email)
  await it.calls('users.auth', () => client.users.auth(), (got) => got.result.role === 'agent')
  await it.calls('tickets.list, page by page', () => all, (list) => list.length > 100)
  await it.calls('search.query', () => client.search.query(search), (got) => got.result.length === 100)
  await it.calls('search.queryAll', () => client.search.queryAll(search), (list) => list.length > 100)
  await it.calls('search.showResultsCount', () => client.search.showResultsCount(search), (got) => got.result.count > 100)
  await it.calls('search.exportResults', () => client.search.exportResults('status:new', 'ticket', 50), (list) => list.length > 100)
  await it.calls('tickets.show', () => client.tickets.show(all[0].id), (got) => got.result.id === all[0].id)
  await it.calls('tickets.showMany', () => client.tickets.showMany([all[0].id, all[1].id]), (got) => got.result.length === 2)
  const made = await client.tickets.create({ ticket: { subject: 'A question', comment: { body: 'Does it work?' } } })
  const { id } = made.result
  await it.calls('tickets.create', () => made, (got) => got.result.status === 'new')
  const update = { ticket: { status: 'open', comment: { body: 'We look at it.' } } }
  await it.calls('tickets.update', () => client.tickets.update(id, update), (got) => got.result.status === 'open')
  await it.calls('tickets.getComments', () => client.tickets.getComments(id), (list) => list.length === 2)
  const tags = async () => (await client.tickets.show(id)).result.tags.join(' ')
  const tagged = async (how, names) => (await client.tickets[how](id, { tags: names }), tags())
  await it.calls('tickets.addTags', () => tagged('addTags', ['practice']), (got) => got === 'practice')
  await it.calls('tickets.updateTags', () => tagged('updateTags', ['a', 'b']), (got) => got === 'a b')
  const many = { ticket: { additional_tags: ['seen'] } }
  await it.calls('tickets.updateMany', () => client.tickets.updateMany([id, all[0].id], many), (got) => got.result.job_status.status === 'completed')
  await it.calls('tickets.show, after it', tags, (got) => got === 'a b seen')
  await it.calls('tickets.createMany', () => client.tickets.createMany({ tickets: [{ subject: 'x', comment: { body: 'y' } }] }), (got) => got.result.job_status.total === 1)
  await it.calls('tickets.delete', () => client.tickets.delete(id), (got) => got.response.status === 204)
  await it.refuses('tickets.show, deleted', () => client.tickets.show(id), (error) => /404/.test(error.message))
  await it.refuses('tickets.create, blank', () => client.tickets.create({ ticket: { subject: 'x' } }), (error) => /422/.test(error.message))
  const stranger = createClient({ ...options, token: 'wrong' })
  await it.refuses('users.me, a wrong key', () => stranger.users.me(), (error) => /401/.test(error.message))
  await it.refuses('what this world lacks', () => client.organizations.list(), (error) => /404/.test(error.message))
}

await slack()
await zendesk()
