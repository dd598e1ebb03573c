import type { Command } from 'commander';
import { registerModelCommands } from '../../model-build/commands';

export function registerModel(program: Command): void {
  registerModelCommands(program);
}
