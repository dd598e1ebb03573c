import { type HealthAlert, healthAlertSchema } from '../../core/health';
import type { HealthStore } from '../../core/ports';
import type { Database, Row } from './database';

/** Landings and silences of cameras in the data folder's database. */
export class SqliteHealth implements HealthStore {
  constructor(private readonly database: Database) {}

  async noteLanded(camera: string, at: string): Promise<void> {
    const sql = `INSERT INTO camera_states VALUES (?, ?) ON CONFLICT DO UPDATE
      SET last_landed_at = max(last_landed_at, excluded.last_landed_at)`;
    this.database.run(sql, camera, at);
  }

  async watchCamera(camera: string, at: string): Promise<void> {
    this.database.run('INSERT INTO camera_states VALUES (?, ?) ON CONFLICT DO NOTHING', camera, at);
  }

  async lastLandings(): Promise<ReadonlyMap<string, string>> {
    const rows = this.database.all('SELECT camera, last_landed_at FROM camera_states');
    return new Map(rows.map((row) => [String(row.camera), String(row.last_landed_at)]));
  }

  async createHealthAlert(alert: HealthAlert): Promise<boolean> {
    const { id, camera, state, status, at } = healthAlertSchema.parse(alert);
    const sql = 'INSERT INTO health_alerts VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
    return this.database.run(sql, id, camera, state, status, at, JSON.stringify(alert)) > 0;
  }

  async latestHealthAlert(camera: string): Promise<HealthAlert | null> {
    const sql = `SELECT status, alert FROM health_alerts WHERE camera = ?
      ORDER BY at DESC, state = 'cleared' DESC LIMIT 1`;
    const row = this.database.get(sql, camera);
    return row ? healthAlertOf(row) : null;
  }

  async pendingHealthAlerts(): Promise<readonly HealthAlert[]> {
    const sql = "SELECT status, alert FROM health_alerts WHERE status = 'pending' ORDER BY at, id";
    return this.database.all(sql).map(healthAlertOf);
  }

  async markHealthAlertSent(id: string): Promise<void> {
    this.database.run("UPDATE health_alerts SET status = 'sent' WHERE id = ?", id);
  }
}

function healthAlertOf(row: Row): HealthAlert {
  return { ...JSON.parse(String(row.alert)), status: row.status } as HealthAlert;
}
