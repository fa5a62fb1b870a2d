import DOMPurify from 'dompurify'
import { useMemo } from 'react'
import type { Schemas } from '../api/types'
import { useText } from '../provider'
import styles from './view.module.css'

/** The e-mail that brought the file. */
export default function EmailPane({ email }: { email: Schemas['Email'] }) {
  const { t } = useText()
  const people = (list: Schemas['EmailAddress'][]) => list.map(({ emailAddress: a }) => (a.name ? `${a.name} <${a.address}>` : a.address)).join(', ')
  const lines: [string, string][] = [[t('from'), people([email.from])], [t('to'), people(email.toRecipients)], [t('cc'), people(email.ccRecipients)], [t('subject'), email.subject]]
  return (
    <section className={styles.block} aria-label={t('email')}>
      <h3>{t('email')}</h3>
      <dl className={styles.mail}>
        {lines.filter(([, text]) => text).map(([name, text]) => <div key={name}><dt>{name}</dt><dd><bdi>{text}</bdi></dd></div>)}
      </dl>
      {email.body ? <Body body={email.body} /> : <p><bdi>{email.bodyPreview}</bdi></p>}
    </section>
  )
}

const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

/** The body in a frame that runs nothing and loads nothing. */
function Body({ body }: { body: NonNullable<Schemas['Email']['body']> }) {
  const { t } = useText()
  const html = body.contentType.toLowerCase().includes('html')
  const page = useMemo(() => html ? frame(body.content) : '', [html, body.content])
  if (!html) return <pre className={styles.plain}><bdi>{body.content}</bdi></pre>
  return (
    <>
      <p className={styles.muted}>{t('remoteBlocked')}</p>
      <iframe className={styles.body} title={t('emailBody')} sandbox="" srcDoc={page} referrerPolicy="no-referrer" />
    </>
  )
}

function frame(content: string): string {
  const clean = DOMPurify.sanitize(content, {
    USE_PROFILES: { html: true }, FORBID_TAGS: ['style', 'form', 'input', 'button', 'link', 'base', 'meta'], FORBID_ATTR: ['srcset', 'background', 'href'],
    ALLOWED_URI_REGEXP: /^data:image\//i,
  })
  return `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"></head><body dir="auto">${clean}</body></html>`
}
