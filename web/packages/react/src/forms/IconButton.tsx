import { type ButtonHTMLAttributes, Fragment } from 'react'
import { Button } from '../ui/Button'
import styles from './forms.module.css'

export type Icon = 'edit' | 'delete' | 'up' | 'down' | 'on' | 'off' | 'open' | 'drag'

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: Icon
  label: string
}

/** IconButton is a button with a sign; its label says what it does. */
export function IconButton({ icon, label, ...rest }: Props) {
  return (
    <Button
      variant="quiet"
      className={styles.icon}
      aria-label={label}
      title={label}
      {...rest}
    >
      <Sign icon={icon} />
    </Button>
  )
}

export function Sign({ icon }: { icon: Icon }) {
  return (
    <svg
      aria-hidden="true"
      width="18"
      height="18"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {lines(icon).map((d) => (
        <Fragment key={d}>
          <path d={d} />
        </Fragment>
      ))}
    </svg>
  )
}

function lines(icon: Icon): string[] {
  switch (icon) {
    case 'edit':
      return ['M4 20h4L19 9l-4-4L4 16z', 'M13 7l4 4']
    case 'delete':
      return ['M5 7h14', 'M9 7V4h6v3', 'M7 7l1 13h8l1-13']
    case 'up':
      return ['M12 19V5', 'M6 11l6-6 6 6']
    case 'down':
      return ['M12 5v14', 'M6 13l6 6 6-6']
    case 'on':
      return ['M8 5l11 7-11 7z']
    case 'off':
      return ['M8 5v14', 'M16 5v14']
    case 'open':
      return ['M4 6h16', 'M4 12h16', 'M4 18h10']
    case 'drag':
      return ['M9 6h.01', 'M15 6h.01', 'M9 12h.01', 'M15 12h.01', 'M9 18h.01', 'M15 18h.01']
  }
}
