import type { Schemas } from '../api/types'
import { useText } from '../provider'
import styles from './view.module.css'

/** The template that would fit a file that none fits. */
export function Suggested({ template }: { template: Schemas['DocumentRequest'] }) {
  const { t } = useText()
  return (
    <section className={styles.block}>
      <p className={styles.muted}>{t('suggested')}</p>
      <details>
        <summary><bdi>{template.name}</bdi> · {t('fields', { count: template.fields.length })}</summary>
        <ul className={styles.checks}>{template.fields.map((f) => <li key={f.key}><code>{f.key}</code><span className={styles.muted}>{f.type}</span></li>)}</ul>
      </details>
    </section>
  )
}
