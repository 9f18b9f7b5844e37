package main

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"os"

	_ "github.com/mattn/go-sqlite3"
)

type Recipient struct {
	Uid string
	Msg string
}

type Page struct {
	List []Recipient
	Next string
}

func main() {
	db, _ := sql.Open("sqlite3", os.Getenv("DATABASE"))
	http.HandleFunc("/recipients", func(w http.ResponseWriter, r *http.Request) {
		after := r.URL.Query().Get("next")
		rows, _ := db.Query("SELECT id, uid, msg FROM recipients WHERE id > CAST(? AS INTEGER) ORDER BY id LIMIT 400", after)
		page := Page{List: []Recipient{}}
		var id string
		for rows.Next() {
			var one Recipient
			rows.Scan(&id, &one.Uid, &one.Msg)
			page.List = append(page.List, one)
		}
		if len(page.List) == 400 {
			page.Next = id
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(page)
	})
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)
}
