import type { ComponentProps, MouseEvent } from 'react'
import styles from './Button.module.css'

interface Props extends ComponentProps<'button'> {
  variant?: 'primary' | 'secondary' | 'quiet' | 'danger'
}

/** A button; one that can't be used now keeps the focus, which browsers take from disabled ones. */
export function Button({ variant = 'secondary', className = '', type = 'button', disabled, onClick, ...rest }: Props) {
  const refuse = (event: MouseEvent) => event.preventDefault() // nor does it send its form
  return (
    <button
      type={type}
      className={`${styles.button} ${styles[variant] ?? ''} ${className}`}
      aria-disabled={disabled || undefined}
      onClick={disabled ? refuse : onClick}
      {...rest}
    />
  )
}
