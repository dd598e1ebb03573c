import type { Command } from 'commander';
import { type PythonVerb, runPythonVerb } from '../../model-build/python-commands';
import { EXIT } from '../exit';
import { Progress } from '../start/progress';

const FOOTNOTE = `
Python 3.11 to 3.13 with venv; packages are installed on first use into ~/.cache/tierwatch.
TIERWATCH_PYTHON names an interpreter to take as it is. Exit codes: 0 done; 1 failed, with one sentence why; 2 wrong usage.`;

/** A command that Python does. */
export function verb(model: Command, name: PythonVerb, description: string): Command {
  return model.command(name).description(description).addHelpText('after', FOOTNOTE);
}

/** An option for Python; nothing where it was not given. */
export function flag(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [name, String(value)];
}

/** Runs a verb to its end. @returns whether it did its work; it has said itself why not, and the exit code is set */
export async function runVerb(name: PythonVerb, values: readonly string[]): Promise<boolean> {
  const progress = new Progress();
  const code = await runPythonVerb(name, values, (line) => progress.show(line));
  progress.clear();
  if (code !== 0) process.exitCode = code === EXIT.usage ? EXIT.usage : EXIT.failed;
  return code === 0;
}
