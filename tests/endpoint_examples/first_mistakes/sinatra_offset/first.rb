require "json"
require "sinatra/base"
require "sqlite3"

class Recipients < Sinatra::Base
  get "/recipients" do
    content_type :json
    page = (params[:page] || 1).to_i
    database = SQLite3::Database.new(ENV["DATABASE"], results_as_hash: true)
    rows = database.execute("SELECT uid, msg FROM recipients ORDER BY id LIMIT 400 OFFSET ?", [(page - 1) * 400])
    JSON.generate(list: rows.map { |row| row.slice("uid", "msg") }, next: (page + 1).to_s)
  end
end
