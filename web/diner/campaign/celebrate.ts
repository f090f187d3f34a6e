/** Twelve pieces of paper, once, in the colours of the print; nothing where motion is unwelcome. */
import { isStill } from './stage.ts';

const PIECES = 12;

export async function celebrate(): Promise<void> {
  (navigator as { vibrate?: (pattern: number[]) => boolean }).vibrate?.([20, 40, 20]);
  if (isStill()) return;
  const { default: confetti } = await import('canvas-confetti');
  const style = getComputedStyle(document.documentElement);
  const colors = ['--ink', '--surface', '--accent'].map((name) => style.getPropertyValue(name).trim());
  const canvas = document.createElement('canvas');
  canvas.className = 'confetti';
  document.body.append(canvas);
  // Without a worker, which would be made of a text: the pages' policy forbids that.
  const throwPaper = confetti.create(canvas, { resize: true, useWorker: false });
  await throwPaper({
    particleCount: PIECES,
    spread: 100,
    startVelocity: 28,
    origin: { y: 0.4 },
    shapes: ['circle'],
    colors,
  });
  canvas.remove();
}
