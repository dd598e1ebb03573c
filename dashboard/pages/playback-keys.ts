import type { Shortcut } from '../parts/shortcuts';
import { toggleFullScreen } from '../parts/video-with-boxes';
import type { Player } from './use-player';

export interface PlaybackActions {
  readonly player: Player;
  readonly onBeside: (direction: 'next' | 'previous') => void;
  readonly onBoxes: () => void;
  readonly onFaster: (step: 1 | -1) => void;
  readonly onZoom: (step: 1 | -1) => void;
  readonly onMark: (end: 'from' | 'to') => void;
  readonly onCopyLink: () => void;
  readonly onHelp: () => void;
}

/** Everything that a keyboard does in Playback. */
export function playbackKeys(actions: PlaybackActions): Shortcut[] {
  const { player, onBeside, onBoxes, onFaster, onZoom, onMark, onCopyLink, onHelp } = actions;
  const { atMs } = player;
  return [
    { keys: [' ', 'k'], shown: 'Space', does: 'Play or pause', run: player.toggle },
    { keys: ['r'], shown: 'R', does: 'Rewind, or stop rewinding', run: player.rewind },
    { keys: ['ArrowLeft'], shown: '←', does: 'Back 5 s', run: () => player.seek(atMs - 5000) },
    { keys: ['ArrowRight'], shown: '→', does: 'On 5 s', run: () => player.seek(atMs + 5000) },
    { keys: ['j'], shown: 'J', does: 'Back 30 s', run: () => player.seek(atMs - 30_000) },
    { keys: ['l'], shown: 'L', does: 'On 30 s', run: () => player.seek(atMs + 30_000) },
    {
      keys: [','],
      shown: ',',
      does: 'Back a tenth of a second',
      run: () => player.seek(atMs - 100),
    },
    { keys: ['.'], shown: '.', does: 'On a tenth of a second', run: () => player.seek(atMs + 100) },
    { keys: ['n'], shown: 'N', does: 'Next event', run: () => onBeside('next') },
    { keys: ['p'], shown: 'P', does: 'Previous event', run: () => onBeside('previous') },
    { keys: ['b'], shown: 'B', does: 'Boxes on or off', run: onBoxes },
    {
      keys: ['f'],
      shown: 'F',
      does: 'Full screen, or no longer',
      run: () => toggleFullScreen(player.video.current),
    },
    { keys: ['<'], shown: '<', does: 'Slower', run: () => onFaster(-1) },
    { keys: ['>'], shown: '>', does: 'Faster', run: () => onFaster(1) },
    {
      keys: ['+', '='],
      shown: '+',
      does: 'A shorter piece of the timeline',
      run: () => onZoom(-1),
    },
    { keys: ['-'], shown: '−', does: 'A longer piece of the timeline', run: () => onZoom(1) },
    { keys: ['i'], shown: 'I', does: 'The clip starts here', run: () => onMark('from') },
    { keys: ['o'], shown: 'O', does: 'The clip ends here', run: () => onMark('to') },
    { keys: ['c'], shown: 'C', does: 'Copy a link to this moment', run: onCopyLink },
    { keys: ['?'], shown: '?', does: 'This list', run: onHelp },
  ];
}
